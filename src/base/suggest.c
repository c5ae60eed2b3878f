#include "base/suggest.h"

#include <string.h>

#include "base/util.h"

enum {
    WORD_MAX = 64, /* longer words get no suggestion */
    NEAR_MAX = 3
};

/* Optimal string alignment: Levenshtein's distance, where a swap of neighbours counts as one. */
static size_t distance_count(const char *a, size_t a_n, const char *b, size_t b_n)
{
    size_t rows[3][WORD_MAX + 1]; /* row i of the matrix is rows[i % 3] */
    for (size_t j = 0; j <= b_n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_n; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_n; j++) {
            row[j] = PS_MIN(PS_MIN(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = PS_MIN(row[j], rows[(i - 2) % 3][j - 2] + 1);
        }
    }
    return rows[a_n % 3][b_n];
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
