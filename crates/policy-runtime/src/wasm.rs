//! The runtime on WebAssembly.

#![expect(
    unsafe_code,
    reason = "an allocator hands out raw memory, and the linker finds exports and libraries by name"
)]

use alloc::alloc::{Layout, alloc, realloc};
use core::ptr;

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Traps. The request that asked the policy fails.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

// The compiler emits calls of `memcpy` and similar functions, which libc defines.
#[link(name = "c")]
unsafe extern "C" {}

/// Allocates memory for arguments (the Canonical ABI's `realloc`, see the component model's `CanonicalABI.md`).
///
/// wit-bindgen does not define this function for `wasm32-wasip2`, because the standard library of that target does.
#[unsafe(no_mangle)]
unsafe extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, new_size: usize) -> *mut u8 {
    if new_size == 0 {
        return ptr::without_provenance_mut(align);
    }
    // SAFETY: the ABI guarantees that `align` is a power of two, that the sizes are small, and that an `old` with a size
    // other than 0 came from this function.
    let new = unsafe {
        if old_size == 0 {
            alloc(Layout::from_size_align_unchecked(new_size, align))
        } else {
            realloc(old, Layout::from_size_align_unchecked(old_size, align), new_size)
        }
    };
    if new.is_null() { core::arch::wasm32::unreachable() } else { new }
}
