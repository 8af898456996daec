#ifndef C_ALLOCATION_COUNT_H
#define C_ALLOCATION_COUNT_H

#include <stdint.h>

/// Whether this build counts: on Linux with glibc only.
int allocation_count_works(void);

/// How often the calling thread has asked for heap memory since it started: malloc, calloc, realloc,
/// posix_memalign, aligned_alloc, memalign.
uint64_t allocation_count(void);

#endif
