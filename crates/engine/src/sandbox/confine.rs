//! What the operating system takes from a SQL worker: limits on what it may use, and, on Linux, every
//! way to open a file, reach the network or start a program. The gates before it are meant to hold
//! alone; this is for the day when one of them, or DuckDB, does not.

/// Limits on memory, time and files. Called first of all.
#[cfg(target_os = "linux")]
pub(super) fn limit(memory_bytes: u64, seconds: u64) {
    use linux::{limit, resource};
    // Address space, not memory: stacks and arenas that are never touched count too.
    limit(resource::ADDRESS_SPACE, memory_bytes.saturating_mul(2).saturating_add(3 << 30));
    limit(resource::CPU_SECONDS, seconds);
    limit(resource::CORE, 0);
    limit(resource::FILE_SIZE, 0);
}

/// From here on nothing can be opened, reached or started. Whether the system did it.
#[cfg(target_os = "linux")]
pub(super) fn seal() -> bool {
    linux::seal()
}

/// Forgets every file that was open when this process began, but its standard ones.
#[cfg(target_os = "linux")]
pub(super) fn close_inherited() {
    linux::close_from(3);
}

#[cfg(not(target_os = "linux"))]
pub(super) fn limit(_: u64, _: u64) {}

#[cfg(not(target_os = "linux"))]
pub(super) fn seal() -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
pub(super) fn close_inherited() {}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{c_int, c_long, c_ulong};

    pub(super) mod resource {
        pub(crate) const CPU_SECONDS: i32 = 0;
        pub(crate) const FILE_SIZE: i32 = 1;
        pub(crate) const CORE: i32 = 4;
        pub(crate) const ADDRESS_SPACE: i32 = 9;
    }

    #[repr(C)]
    struct Limit {
        soft: u64,
        hard: u64,
    }

    /// One instruction of the filter.
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Instruction {
        code: u16,
        if_true: u8,
        if_false: u8,
        k: u32,
    }

    #[repr(C)]
    struct Program {
        length: u16,
        instructions: *const Instruction,
    }

    unsafe extern "C" {
        fn setrlimit(resource: c_int, limit: *const Limit) -> c_int;
        fn prctl(option: c_int, a: c_ulong, b: c_ulong, c: c_ulong, d: c_ulong) -> c_int;
        fn syscall(number: c_long, ...) -> c_long;
    }

    pub(super) fn limit(resource: i32, value: u64) {
        let limit = Limit { soft: value, hard: value };
        // SAFETY: the struct has the layout of `struct rlimit` on 64-bit Linux and outlives the call.
        let failed = unsafe { setrlimit(resource, &raw const limit) } != 0;
        if failed {
            tracing::warn!(resource, "a limit of a SQL worker could not be set");
        }
    }

    pub(super) fn close_from(first: u32) {
        // SAFETY: called before anything else of this process has opened a file.
        unsafe { syscall(numbers::CLOSE_RANGE, c_long::from(first), c_long::from(u32::MAX), 0 as c_long) };
    }

    pub(super) fn seal() -> bool {
        const NO_NEW_PRIVILEGES: c_int = 38;
        const DUMPABLE: c_int = 4;
        const SET_FILTER: c_long = 1;
        const ALL_THREADS: c_long = 1;
        let instructions = filter();
        let program = Program {
            length: u16::try_from(instructions.len()).unwrap_or(u16::MAX),
            instructions: instructions.as_ptr(),
        };
        // SAFETY: plain numbers, and a program whose instructions live until after the call.
        unsafe {
            prctl(DUMPABLE, 0, 0, 0, 0);
            prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
                && syscall(numbers::SECCOMP, SET_FILTER, ALL_THREADS, &raw const program) == 0
        }
    }

    /// The filter: refused calls answer "not permitted", all others go through.
    fn filter() -> Vec<Instruction> {
        const LOAD: u16 = 0x20;
        const EQUAL: u16 = 0x15;
        const AT_LEAST: u16 = 0x35;
        const ANY_BIT: u16 = 0x45;
        const RETURN: u16 = 0x06;
        const ALLOW: u32 = 0x7fff_0000;
        const NOT_PERMITTED: u32 = 0x0005_0001;
        const NO_SUCH_CALL: u32 = 0x0005_0026;
        const KILL: u32 = 0x8000_0000;
        /// A thread of this process, not a process.
        const THREAD: u32 = 0x0001_0000;
        let step = |code, k| Instruction { code, if_true: 0, if_false: 0, k };
        let when = |code, k, if_true, if_false| Instruction { code, if_true, if_false, k };
        let mut out = vec![
            step(LOAD, 4),
            when(EQUAL, numbers::ARCHITECTURE, 1, 0),
            step(RETURN, KILL),
            step(LOAD, 0),
            // The other calling convention of x86-64, with numbers of its own.
            when(AT_LEAST, 0x4000_0000, 0, 1),
            step(RETURN, NOT_PERMITTED),
            // Its flags lie in memory: the C library goes back to the call below.
            when(EQUAL, numbers::CLONE3, 0, 1),
            step(RETURN, NO_SUCH_CALL),
            when(EQUAL, numbers::CLONE, 0, 4),
            step(LOAD, 16),
            when(ANY_BIT, THREAD, 0, 1),
            step(RETURN, ALLOW),
            step(RETURN, NOT_PERMITTED),
        ];
        for number in numbers::REFUSED {
            out.push(when(EQUAL, *number, 0, 1));
            out.push(step(RETURN, NOT_PERMITTED));
        }
        out.push(step(RETURN, ALLOW));
        out
    }

    #[cfg(target_arch = "x86_64")]
    mod numbers {
        use std::ffi::c_long;
        pub(super) const ARCHITECTURE: u32 = 0xc000_003e;
        pub(super) const SECCOMP: c_long = 317;
        pub(super) const CLOSE_RANGE: c_long = 436;
        pub(super) const CLONE: u32 = 56;
        pub(super) const CLONE3: u32 = 435;
        /// open, openat, openat2, creat, handles; sockets; programs; processes; names of files; memory
        /// of others; mounts; kernel interfaces.
        pub(super) const REFUSED: &[u32] = &[
            2, 257, 437, 85, 303, 304, 41, 42, 43, 49, 50, 53, 288, 57, 58, 59, 322, 62, 101, 310, 311, 434, 438, 76,
            78, 80, 82, 83, 84, 86, 87, 88, 89, 90, 91, 92, 93, 94, 133, 217, 258, 259, 260, 263, 264, 265, 266, 267,
            268, 316, 155, 161, 165, 166, 272, 308, 105, 106, 175, 246, 248, 249, 250, 298, 313, 319, 321, 323, 425,
        ];
    }

    #[cfg(target_arch = "aarch64")]
    mod numbers {
        use std::ffi::c_long;
        pub(super) const ARCHITECTURE: u32 = 0xc000_00b7;
        pub(super) const SECCOMP: c_long = 277;
        pub(super) const CLOSE_RANGE: c_long = 436;
        pub(super) const CLONE: u32 = 220;
        pub(super) const CLONE3: u32 = 435;
        pub(super) const REFUSED: &[u32] = &[
            56, 437, 264, 265, 198, 199, 200, 201, 202, 203, 242, 221, 281, 129, 117, 270, 271, 434, 438, 45, 49, 61,
            33, 34, 35, 36, 37, 38, 276, 78, 52, 53, 54, 55, 39, 40, 41, 51, 97, 268, 144, 146, 105, 104, 217, 218,
            219, 241, 273, 279, 280, 282, 425,
        ];
    }

    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    mod numbers {
        use std::ffi::c_long;
        // Not known for this machine: the kernel refuses the filter, and the worker runs without.
        pub(super) const ARCHITECTURE: u32 = 0;
        pub(super) const SECCOMP: c_long = -1;
        pub(super) const CLOSE_RANGE: c_long = -1;
        pub(super) const CLONE: u32 = 0;
        pub(super) const CLONE3: u32 = 0;
        pub(super) const REFUSED: &[u32] = &[];
    }
}
