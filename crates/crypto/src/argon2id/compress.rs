//! The compression function `G` (RFC 9106 section 3.5) with the permutation `P` (section 3.6), on pairs of words.

use argon2::Block;

use super::pair::Pair;

/// The number of rows of a block, and of pairs in a row.
const SIDE: usize = 8;

/// Writes `G(x, y)` into a block, or XORs it into the block if `accumulate`.
#[expect(clippy::indexing_slicing, reason = "the indices of rows and columns are below eight")]
pub(super) fn compress(x: &Block, y: &Block, into: &mut Block, accumulate: bool) {
    let (Some(x), Some(y), Some(into)) = (pairs(x), pairs(y), pairs_mut(into)) else { return };
    let mut z = [[Pair::ZERO; SIDE]; SIDE];
    for (z, (x, y)) in z.iter_mut().zip(x.iter().zip(y)) {
        *z = permute(std::array::from_fn(|pair| Pair::new(x[pair]).xor(Pair::new(y[pair]))));
    }
    for column in 0..SIDE {
        let permuted = permute(std::array::from_fn(|row| z[row][column]));
        for row in 0..SIDE {
            let new = permuted[row].xor(Pair::new(x[row][column])).xor(Pair::new(y[row][column]));
            let old = &mut into[row][column];
            *old = if accumulate { new.xor(Pair::new(*old)) } else { new }.words();
        }
    }
}

/// A block as eight rows of eight pairs of words.
fn pairs(block: &Block) -> Option<&[[[u64; 2]; SIDE]; SIDE]> {
    block.as_ref().as_chunks::<2>().0.as_chunks::<SIDE>().0.first_chunk()
}

fn pairs_mut(block: &mut Block) -> Option<&mut [[[u64; 2]; SIDE]; SIDE]> {
    block.as_mut().as_chunks_mut::<2>().0.as_chunks_mut::<SIDE>().0.first_chunk_mut()
}

/// `P`: a round of BLAKE2b on sixteen words, with BlaMka's multiplication.
#[inline(always)]
fn permute([a0, a1, b0, b1, c0, c1, d0, d1]: [Pair; SIDE]) -> [Pair; SIDE] {
    // First the columns of the 4 × 4 matrix, then its diagonals: the rows b, c and d are rotated by one, two and three words.
    let (a0, b0, c0, d0) = quarter(a0, b0, c0, d0);
    let (a1, b1, c1, d1) = quarter(a1, b1, c1, d1);
    let (b0, b1) = (b0.high_low(b1), b1.high_low(b0));
    let (c0, c1) = (c1, c0);
    let (d0, d1) = (d1.high_low(d0), d0.high_low(d1));
    let (a0, b0, c0, d0) = quarter(a0, b0, c0, d0);
    let (a1, b1, c1, d1) = quarter(a1, b1, c1, d1);
    let (b0, b1) = (b1.high_low(b0), b0.high_low(b1));
    let (c0, c1) = (c1, c0);
    let (d0, d1) = (d0.high_low(d1), d1.high_low(d0));
    [a0, a1, b0, b1, c0, c1, d0, d1]
}

/// `GB` on two columns at once.
#[inline(always)]
fn quarter(a: Pair, b: Pair, c: Pair, d: Pair) -> (Pair, Pair, Pair, Pair) {
    let a = a.blamka(b);
    let d = d.xor(a).rotate_32();
    let c = c.blamka(d);
    let b = b.xor(c).rotate_24();
    let a = a.blamka(b);
    let d = d.xor(a).rotate_16();
    let c = c.blamka(d);
    let b = b.xor(c).rotate_63();
    (a, b, c, d)
}
