//! Two 64-bit words: a vector with WebAssembly's `simd128`, two plain words elsewhere.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) use vector::Pair;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) use words::Pair;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vector {
    use core::arch::wasm32::{
        i8x16_shuffle, i32x4_shuffle, i64x2_add, i64x2_mul, i64x2_shl, i64x2_shuffle, u64x2,
        u64x2_extract_lane, u64x2_shr, v128, v128_and, v128_xor,
    };

    #[derive(Clone, Copy)]
    pub(in super::super) struct Pair(v128);

    impl Pair {
        pub(in super::super) const ZERO: Self = Self(u64x2(0, 0));

        #[inline(always)]
        pub(in super::super) fn new([low, high]: [u64; 2]) -> Self {
            Self(u64x2(low, high))
        }

        #[inline(always)]
        pub(in super::super) fn words(self) -> [u64; 2] {
            [u64x2_extract_lane::<0>(self.0), u64x2_extract_lane::<1>(self.0)]
        }

        #[inline(always)]
        pub(in super::super) fn xor(self, other: Self) -> Self {
            Self(v128_xor(self.0, other.0))
        }

        /// `x + y + 2 · low(x) · low(y)`, where `low` is the lower half of a word.
        #[inline(always)]
        pub(in super::super) fn blamka(self, other: Self) -> Self {
            // The extended multiplication of 32-bit lanes is slower: it needs the lower halves side by side, and the shuffling
            // costs more than the multiplication saves.
            let low = |it| v128_and(it, u64x2(u64::MAX >> 32, u64::MAX >> 32));
            let product = i64x2_mul(low(self.0), low(other.0));
            Self(i64x2_add(i64x2_add(self.0, other.0), i64x2_shl(product, 1)))
        }

        #[inline(always)]
        pub(in super::super) fn rotate_32(self) -> Self {
            Self(i32x4_shuffle::<1, 0, 3, 2>(self.0, self.0))
        }

        #[inline(always)]
        pub(in super::super) fn rotate_24(self) -> Self {
            let it = self.0;
            Self(i8x16_shuffle::<3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10>(it, it))
        }

        #[inline(always)]
        pub(in super::super) fn rotate_16(self) -> Self {
            let it = self.0;
            Self(i8x16_shuffle::<2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9>(it, it))
        }

        #[inline(always)]
        pub(in super::super) fn rotate_63(self) -> Self {
            Self(v128_xor(i64x2_add(self.0, self.0), u64x2_shr(self.0, 63)))
        }

        /// A pair of the second word of `self` and the first word of `other`.
        #[inline(always)]
        pub(in super::super) fn high_low(self, other: Self) -> Self {
            Self(i64x2_shuffle::<1, 2>(self.0, other.0))
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod words {
    #[derive(Clone, Copy)]
    pub(in super::super) struct Pair([u64; 2]);

    impl Pair {
        pub(in super::super) const ZERO: Self = Self([0, 0]);

        pub(in super::super) fn new(words: [u64; 2]) -> Self {
            Self(words)
        }

        pub(in super::super) fn words(self) -> [u64; 2] {
            self.0
        }

        fn each(self, other: Self, of: impl Fn(u64, u64) -> u64) -> Self {
            let ([a, b], [c, d]) = (self.0, other.0);
            Self([of(a, c), of(b, d)])
        }

        pub(in super::super) fn xor(self, other: Self) -> Self {
            self.each(other, |a, b| a ^ b)
        }

        /// `x + y + 2 · low(x) · low(y)`, where `low` is the lower half of a word.
        pub(in super::super) fn blamka(self, other: Self) -> Self {
            let low = |word| word & u64::from(u32::MAX);
            self.each(other, |x, y| {
                x.wrapping_add(y).wrapping_add(low(x).wrapping_mul(low(y)).wrapping_mul(2))
            })
        }

        pub(in super::super) fn rotate_32(self) -> Self {
            Self(self.0.map(|word| word.rotate_right(32)))
        }

        pub(in super::super) fn rotate_24(self) -> Self {
            Self(self.0.map(|word| word.rotate_right(24)))
        }

        pub(in super::super) fn rotate_16(self) -> Self {
            Self(self.0.map(|word| word.rotate_right(16)))
        }

        pub(in super::super) fn rotate_63(self) -> Self {
            Self(self.0.map(|word| word.rotate_right(63)))
        }

        /// A pair of the second word of `self` and the first word of `other`.
        pub(in super::super) fn high_low(self, other: Self) -> Self {
            Self([self.0[1], other.0[0]])
        }
    }
}
