//! Argon2id (RFC 9106) with one lane, computed in steps.
//!
//! A host does not interrupt a component: a hash that takes 25 ms in one go blocks all other requests on its thread for 25 ms. The
//! `argon2` crate cannot pause, so this module computes the hash in components. The crate still parses and compares hashes, and
//! computes them on native targets.
//!
//! Names follow RFC 9106: `B[j]` is block `j` of the lane, a block has 1,024 octets, a segment is a quarter of the lane, and a
//! pass visits every block once.

use argon2::{Algorithm, Block, Params, Version};
use blake2::digest::Digest;
use blake2::digest::block_api::{UpdateCore, VariableOutputCore};
use blake2::digest::block_buffer::LazyBuffer;
use blake2::{Blake2b512, Blake2bVarCore};

mod compress;
mod pair;

use compress::compress;

/// The segments of a lane (section 3.4).
const SEGMENTS: usize = 4;
/// The 64-bit words of a block. A block of addresses contains the same number of pseudo-random values (section 3.4.1.2).
const WORDS: usize = Block::SIZE / 8;
/// The type `y` of Argon2id (section 3.2).
const TYPE: u32 = 2;
/// The version `v` (section 3.1).
const VERSION: u32 = 0x13;
/// The octets of `H_0`.
const SEED_OCTETS: usize = 64;

/// The computation of a hash. It fills the memory block by block, and the caller may pause between any two blocks.
pub(crate) struct Filling<'a> {
    memory: &'a mut [Block],
    passes: usize,
    /// The number of blocks in a segment.
    segment: usize,
    /// The pass of the next block.
    pass: usize,
    /// The segment of the next block.
    slice: usize,
    /// The position of the next block in its segment.
    index: usize,
    /// Pseudo-random values for the next 128 blocks. The references of these blocks must not depend on the password.
    addresses: Block,
}

/// Returns true for the hashes that this module computes: Argon2id, version 1.3, one lane, no secret and no associated data.
pub(crate) fn supports(algorithm: Algorithm, version: Version, params: &Params) -> bool {
    algorithm == Algorithm::Argon2id
        && version == Version::V0x13
        && params.p_cost() == 1
        && params.keyid().is_empty()
        && params.data().is_empty()
}

impl<'a> Filling<'a> {
    /// Computes the first two blocks (section 3.2, steps 1 to 4). `memory` has as many blocks as `params` requires; its
    /// contents are overwritten.
    pub(crate) fn start(
        params: &Params,
        password: &[u8],
        salt: &[u8],
        tag_octets: usize,
        memory: &'a mut [Block],
    ) -> Self {
        let mut seed = [0; SEED_OCTETS + 8];
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes();
        let mut hash = Blake2b512::new();
        for value in [params.p_cost().to_le_bytes(), number(tag_octets), params.m_cost().to_le_bytes()] {
            Digest::update(&mut hash, value);
        }
        for value in [params.t_cost(), VERSION, TYPE] {
            Digest::update(&mut hash, value.to_le_bytes());
        }
        // The hash has no secret value and no associated data.
        for text in [password, salt, &[], &[]] {
            Digest::update(&mut hash, number(text.len()));
            Digest::update(&mut hash, text);
        }
        if let Some(start) = seed.first_chunk_mut::<SEED_OCTETS>() {
            start.copy_from_slice(&hash.finalize());
        }
        for (block, number) in memory.iter_mut().zip(0_u32..2) {
            // The last four octets are the lane's number, 0.
            if let Some(place) = seed.last_chunk_mut::<8>().and_then(|numbers| numbers.first_chunk_mut::<4>())
            {
                *place = number.to_le_bytes();
            }
            let mut octets = [0; Block::SIZE];
            long_hash(&seed, &mut octets);
            set_octets(block, &octets);
        }
        let passes = usize::try_from(params.t_cost()).unwrap_or(usize::MAX);
        let segment = memory.len() / SEGMENTS;
        let addresses = Block::new();
        // In the smallest memory, two blocks are a whole segment.
        let (slice, index) = if segment == 2 { (1, 0) } else { (0, 2) };
        let mut filling = Self { memory, passes, segment, pass: 0, slice, index, addresses };
        filling.renew_addresses();
        filling
    }

    /// Fills at most `blocks` more blocks. Returns true while some are left.
    pub(crate) fn fill(&mut self, blocks: usize) -> bool {
        for _ in 0..blocks {
            if self.pass == self.passes {
                return false;
            }
            self.fill_next();
        }
        self.pass < self.passes
    }

    /// Computes the tag (section 3.2, steps 7 and 8). Call it after [`Self::fill`] has returned false.
    pub(crate) fn finish(self, tag: &mut [u8]) {
        let mut octets = [0; Block::SIZE];
        if let Some(last) = self.memory.last() {
            for (octets, word) in octets.chunks_exact_mut(8).zip(last.as_ref()) {
                octets.copy_from_slice(&word.to_le_bytes());
            }
        }
        long_hash(&octets, tag);
    }

    /// `B[j] = G(B[j-1], B[z])`. From the second pass on, the result is XORed into the old block (section 3.2, steps 5 and 6).
    #[expect(
        clippy::indexing_slicing,
        reason = "`previous` and `reference` are other blocks of the lane than `next`"
    )]
    fn fill_next(&mut self) {
        let next = self.slice * self.segment + self.index;
        let previous = if next == 0 { self.memory.len() - 1 } else { next - 1 };
        let random = if self.is_independent() {
            if self.index.is_multiple_of(WORDS) {
                self.renew_addresses();
            }
            self.addresses.as_ref()[self.index % WORDS]
        } else {
            self.memory[previous].as_ref()[0]
        };
        let reference = self.reference(next, random);
        let (before, rest) = self.memory.split_at_mut(next);
        let Some((block, after)) = rest.split_first_mut() else {
            // Unreachable. If a defect leads here, end the computation instead of looping forever.
            self.pass = self.passes;
            return;
        };
        let at = |number: usize| if number < next { &before[number] } else { &after[number - next - 1] };
        compress(at(previous), at(reference), block, self.pass > 0);
        self.index += 1;
        if self.index == self.segment {
            (self.slice, self.index) = (self.slice + 1, 0);
        }
        if self.slice == SEGMENTS {
            (self.pass, self.slice) = (self.pass + 1, 0);
        }
    }

    /// Returns true if the next block's reference must not depend on the contents of the memory. This is the rule for the first
    /// half of the first pass (section 3.4.1.3): there, an observer of the memory accesses learns nothing about the password.
    fn is_independent(&self) -> bool {
        self.pass == 0 && self.slice < SEGMENTS / 2
    }

    /// Computes the next 128 pseudo-random values, which depend only on positions (section 3.4.1.2).
    fn renew_addresses(&mut self) {
        let wide = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        let counter = self.index / WORDS + 1;
        let values = [self.pass, 0, self.slice, self.memory.len(), self.passes].map(wide);
        let mut input = Block::new();
        let values = values.into_iter().chain([u64::from(TYPE), wide(counter)]);
        input.as_mut().iter_mut().zip(values).for_each(|(word, value)| *word = value);
        let mut once = Block::new();
        compress(&Block::new(), &input, &mut once, false);
        compress(&Block::new(), &once, &mut self.addresses, false);
    }

    /// The number `z` of the referenced block, for a pseudo-random value (section 3.4.2).
    fn reference(&self, next: usize, random: u64) -> usize {
        let lane = self.memory.len();
        // The size of the reference area. In the first pass, it contains all blocks before this one. Later, it contains the other
        // three segments and the earlier blocks of this segment.
        let area = if self.pass == 0 { next - 1 } else { lane - self.segment + self.index - 1 };
        let area = u64::try_from(area).unwrap_or(u64::MAX);
        let j1 = random & u64::from(u32::MAX);
        let x = (j1 * j1) >> 32;
        let y = (area * x) >> 32;
        let relative = usize::try_from(area - 1 - y).unwrap_or(0);
        let is_from_start = self.pass == 0 || self.slice + 1 == SEGMENTS;
        let start = if is_from_start { 0 } else { (self.slice + 1) * self.segment };
        let reference = start + relative;
        if reference < lane { reference } else { reference - lane }
    }
}

/// The variable-length hash `H'` (section 3.3).
fn long_hash(input: &[u8], output: &mut [u8]) {
    const WHOLE: usize = 64;
    const HALF: usize = WHOLE / 2;
    let length = u32::try_from(output.len()).unwrap_or(u32::MAX).to_le_bytes();
    if output.len() <= WHOLE {
        return short_hash(&[&length, input], output);
    }
    let mut value = Blake2b512::new().chain_update(length).chain_update(input).finalize();
    let mut left = output;
    loop {
        let (half, rest) = left.split_at_mut(HALF);
        half.iter_mut().zip(&value).for_each(|(octet, new)| *octet = *new);
        left = rest;
        if left.len() <= WHOLE {
            return short_hash(&[&value], left);
        }
        value = Blake2b512::digest(value);
    }
}

/// BLAKE2b with an output of 1 to 64 octets (RFC 7693).
fn short_hash(parts: &[&[u8]], output: &mut [u8]) {
    let Ok(mut hash) = Blake2bVarCore::new(output.len()) else { return };
    let mut buffer = LazyBuffer::default();
    for part in parts {
        buffer.digest_blocks(part, |blocks| hash.update_blocks(blocks));
    }
    let mut whole = Default::default();
    hash.finalize_variable_core(&mut buffer, &mut whole);
    output.iter_mut().zip(&whole).for_each(|(octet, new)| *octet = *new);
}

/// Sets a block from its little-endian words.
fn set_octets(block: &mut Block, octets: &[u8; Block::SIZE]) {
    let (words, _) = octets.as_chunks::<8>();
    block.as_mut().iter_mut().zip(words).for_each(|(word, octets)| *word = u64::from_le_bytes(*octets));
}

/// Computes a whole hash, to compare it with the hash of the crate.
#[cfg(test)]
fn hash(params: &Params, password: &[u8], salt: &[u8], blocks_at_once: usize, tag: &mut [u8]) {
    let mut memory = vec![Block::new(); params.block_count()];
    let mut filling = Filling::start(params, password, salt, tag.len(), &mut memory);
    while filling.fill(blocks_at_once) {}
    filling.finish(tag);
}

#[cfg(test)]
mod tests {
    use argon2::Argon2;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn hash_by_the_crate(params: &Params, password: &[u8], salt: &[u8], tag: &mut [u8]) {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        argon2.hash_password_into(password, salt, tag).unwrap();
    }

    proptest! {
        #[test]
        fn the_crate_agrees(
            password in vec(any::<u8>(), 0..200),
            salt in vec(any::<u8>(), 8..64),
            memory_kib in 8_u32..3000,
            passes in 1_u32..4,
            tag_octets in 4_usize..200,
            blocks_at_once in 1_usize..5000,
        ) {
            let params = Params::new(memory_kib, passes, 1, Some(tag_octets)).unwrap();
            let (mut ours, mut theirs) = (vec![0; tag_octets], vec![0; tag_octets]);
            hash(&params, &password, &salt, blocks_at_once, &mut ours);
            hash_by_the_crate(&params, &password, &salt, &mut theirs);
            prop_assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn the_crate_agrees_for_the_smallest_memories() {
        for memory_kib in 8..40 {
            let params = Params::new(memory_kib, 2, 1, Some(32)).unwrap();
            let (mut ours, mut theirs) = ([0; 32], [0; 32]);
            hash(&params, b"a password", b"some salt", 3, &mut ours);
            hash_by_the_crate(&params, b"a password", b"some salt", &mut theirs);
            assert_eq!(ours, theirs, "{memory_kib} KiB");
        }
    }

    #[test]
    fn the_previous_contents_of_the_memory_do_not_matter() {
        let params = Params::new(64, 2, 1, Some(32)).unwrap();
        let mut clean = [0; 32];
        hash(&params, b"a password", b"some salt", 1, &mut clean);
        let mut memory = vec![Block::new(); params.block_count()];
        memory.iter_mut().for_each(|block| block.as_mut().fill(u64::MAX));
        let mut filling = Filling::start(&params, b"a password", b"some salt", 32, &mut memory);
        while filling.fill(7) {}
        let mut dirty = [0; 32];
        filling.finish(&mut dirty);
        assert_eq!(clean, dirty);
    }

    #[test]
    fn other_kinds_of_hashes_are_not_supported() {
        let params = |lanes| Params::new(64, 2, lanes, None).unwrap();
        assert!(supports(Algorithm::Argon2id, Version::V0x13, &params(1)));
        assert!(!supports(Algorithm::Argon2i, Version::V0x13, &params(1)));
        assert!(!supports(Algorithm::Argon2id, Version::V0x10, &params(1)));
        assert!(!supports(Algorithm::Argon2id, Version::V0x13, &params(2)));
    }
}
