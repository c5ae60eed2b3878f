#include "config_errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/util.h"

int ps_config_quote_len(const char *s)
{
    size_t n = strnlen(s, PS_CONFIG_QUOTE_MAX + 1);
    if (n > PS_CONFIG_QUOTE_MAX)
        for (n = PS_CONFIG_QUOTE_MAX; n && ((unsigned char)s[n] & 0xc0) == 0x80;)
            n--;
    return (int)n;
}

void ps_config_path_make(char dst[PS_CONFIG_PATH_MAX], const char *parent, const char *name)
{
    (void)snprintf(dst, PS_CONFIG_PATH_MAX, "%s%s%.*s", parent, *parent ? "." : "", ps_config_quote_len(name), name);
}

/* Control characters could drive the terminal that shows the message. U+0080..U+009F are such, too. */
static void text_clean(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p; p++) {
        if (*p < ' ' || *p == 0x7f)
            *p = '?';
        else if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
            p[0] = p[1] = '?';
    }
}

void ps_config_error_add(struct ps_config_errors *e, struct ps_config_place place, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = ps_fault(PS_FAULT_MALLOC) ? -1 : vasprintf(&text, format, args);
    va_end(args);
    if (n < 0) {
        e->no_memory = true;
        return;
    }
    struct ps_config_error *v =
        ps_fault(PS_FAULT_MALLOC) ? NULL : reallocarray(e->v, e->n + 1, sizeof(struct ps_config_error));
    if (!v) {
        free(text);
        e->no_memory = true;
        return;
    }
    text_clean(text);
    e->v = v;
    v[e->n++] = (struct ps_config_error){place, text};
}

static bool later(struct ps_config_place a, struct ps_config_place b)
{
    return a.line != b.line ? a.line > b.line : a.column > b.column;
}

void ps_config_errors_write(struct ps_config_errors *e, const char *file, struct ps_buf *out)
{
    /* Insertion sort: they are few, mostly in order, and equal places must keep theirs. */
    for (size_t i = 1; i < e->n; i++) {
        struct ps_config_error moved = e->v[i];
        size_t j = i;
        for (; j && later(e->v[j - 1].place, moved.place); j--)
            e->v[j] = e->v[j - 1];
        e->v[j] = moved;
    }
    for (size_t i = 0; i < e->n; i++) {
        const struct ps_config_error *one = &e->v[i];
        if (one->place.line)
            (void)ps_buf_printf(out, "%s:%zu:%zu: %s\n", file, one->place.line, one->place.column, one->text);
        else
            (void)ps_buf_printf(out, "%s: %s\n", file, one->text);
    }
    if (e->no_memory)
        (void)ps_buf_printf(out, "%s: out of memory\n", file);
}

void ps_config_errors_done(struct ps_config_errors *e)
{
    for (size_t i = 0; i < e->n; i++)
        free(e->v[i].text);
    free(e->v);
    *e = (struct ps_config_errors){0};
}
