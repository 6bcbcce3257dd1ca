//! What a component without the standard library needs of its own: an allocator, an end for a panic, and libc's `memcpy`
//! and the like, which the compiler counts on. None of it imports anything.

#![expect(
    unsafe_code,
    reason = "an allocator hands out raw memory, and the linker is told of symbols by name"
)]

use alloc::alloc::{Layout, alloc, realloc};
use core::ptr;

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// A panic is a trap, which fails the request that asked.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[link(name = "c")]
unsafe extern "C" {}

/// Makes room for arguments (the component model's Canonical ABI, `realloc`). The standard library of `wasm32-wasip2`
/// brings one of its own, so wit-bindgen leaves it out for this target.
#[unsafe(no_mangle)]
unsafe extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, new_size: usize) -> *mut u8 {
    if new_size == 0 {
        return ptr::without_provenance_mut(align);
    }
    // SAFETY: the ABI's promises: `align` is a power of two, the sizes are small, and `old` with a size came from here.
    let new = unsafe {
        if old_size == 0 {
            alloc(Layout::from_size_align_unchecked(new_size, align))
        } else {
            realloc(old, Layout::from_size_align_unchecked(old_size, align), new_size)
        }
    };
    if new.is_null() { core::arch::wasm32::unreachable() } else { new }
}
