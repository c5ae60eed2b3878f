#include "base/glob.h"

#include <stdint.h>

#include "base/utf8.h"

bool ps_glob_has_wildcards(struct ps_slice pattern)
{
    return pattern.n && (memchr(pattern.p, '*', pattern.n) || memchr(pattern.p, '?', pattern.n));
}

/* Where the character at `at` ends. */
static size_t character_end(struct ps_slice text, size_t at)
{
    if ((unsigned char)text.p[at] < 0x80)
        return at + 1;
    struct ps_slice rest = ps_slice_after(text, at);
    size_t n = ps_utf8_sequence(rest);
    return at + (n ? n : ps_utf8_bad(rest));
}

/* Where something does not fit, the last * takes one character more: what an earlier one took need not change. */
bool ps_glob_matches(struct ps_slice pattern, struct ps_slice text)
{
    size_t p = 0, t = 0;
    size_t behind_star = SIZE_MAX, star_end = 0; /* in the pattern; in the text */
    while (t < text.n) {
        char c = p < pattern.n ? pattern.p[p] : '\0';
        if (p < pattern.n && c == '*') {
            behind_star = ++p;
            star_end = t;
        } else if (p < pattern.n && c == '?') {
            t = character_end(text, t);
            p++;
        } else if (p < pattern.n && c == text.p[t]) {
            p++;
            t++;
        } else if (behind_star != SIZE_MAX) {
            p = behind_star;
            t = star_end = character_end(text, star_end);
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}
