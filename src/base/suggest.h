/* "Did you mean …?": the candidate nearest to a mistyped word. */
#pragma once

#include <stddef.h>

/* Made from the word: struct ps_suggest s = {.word = word}; then each candidate is offered. */
struct ps_suggest {
    const char *word;
    const char *best; /* the nearest candidate so far, borrowed; NULL: none is near */
    size_t distance;  /* of best, in insertions, deletions, replacements and swaps of neighbours */
};

void ps_suggest_offer(struct ps_suggest *s, const char *candidate);
