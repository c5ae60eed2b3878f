/* What the fuzz targets share: the entry point, which libFuzzer calls or, without it, replay.c; and how an oracle says
 * no. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process where something that must hold does not: the fuzzer keeps the input. */
#define fuzz_check(holds)                                                                                              \
    do {                                                                                                               \
        if (!(holds)) {                                                                                                \
            (void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds);                           \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)
