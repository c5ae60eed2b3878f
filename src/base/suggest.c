#include "base/suggest.h"

#include <string.h>

#include "base/util.h"

enum {
    WORD_MAX = 64, /* longer words get no suggestion */
    NEAR_MAX = 3
};

/* Levenshtein's distance. */
static size_t distance_count(const char *a, size_t a_n, const char *b, size_t b_n)
{
    size_t row[WORD_MAX + 1];
    for (size_t j = 0; j <= b_n; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_n; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = PS_MIN(PS_MIN(row[j], row[j - 1]) + 1, replaced);
        }
    }
    return row[b_n];
}

void ps_suggest_offer(struct ps_suggest *s, const char *candidate)
{
    size_t word_n = strlen(s->word), n = strlen(candidate);
    if (word_n > WORD_MAX || n > WORD_MAX)
        return;
    size_t distance = distance_count(s->word, word_n, candidate, n);
    /* Of a short word little must differ, or everything is near. */
    if (distance > PS_MIN((size_t)NEAR_MAX, PS_MAX(word_n, n) / 3))
        return;
    if (!s->best || distance < s->distance) {
        s->best = candidate;
        s->distance = distance;
    }
}
