#include "base/timestamp.h"
#include "parse/parse.h"

enum { PRIORITY_MAX = 191, PID_DIGITS_MAX = 10 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct ps_slice blanks_skip(struct ps_slice s)
{
    while (s.n && *s.p == ' ') {
        s.p++;
        s.n--;
    }
    return s;
}

/* The bytes before the first blank; *rest is what follows, blanks skipped. */
static struct ps_slice token_take(struct ps_slice *rest)
{
    const char *blank = rest->n ? memchr(rest->p, ' ', rest->n) : NULL;
    struct ps_slice token = {rest->p, blank ? (size_t)(blank - rest->p) : rest->n};
    *rest = blanks_skip(ps_slice_after(*rest, token.n));
    return token;
}

/* "<0>".."<191>" at the start of *s, taken off; -1: none, *s is as it was. */
static int priority_take(struct ps_slice *s)
{
    if (s->n < 3 || s->p[0] != '<')
        return -1;
    int v = 0;
    size_t i = 1;
    for (; i < s->n && i < 4 && is_digit(s->p[i]); i++)
        v = v * 10 + (s->p[i] - '0');
    if (i == 1 || i == s->n || s->p[i] != '>' || v > PRIORITY_MAX)
        return -1;
    *s = ps_slice_after(*s, i + 1);
    return v;
}

/* ---- Dovecot ---- */

static bool is_service_char(char c)
{
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

/* The digits between `from` and `close`; empty where anything else stands there. */
static struct ps_slice pid_between(struct ps_slice s, size_t from, char close)
{
    size_t i = from;
    while (i < s.n && is_digit(s.p[i]))
        i++;
    bool good = i > from && i - from <= PID_DIGITS_MAX && i < s.n && s.p[i] == close;
    return good ? ps_slice_make(s.p + from, i - from) : (struct ps_slice){NULL, 0};
}

/* Behind the first ")" that ends a service's head; a user's name may hold others. s.n: there is none. */
static size_t parenthesis_end(struct ps_slice s, size_t at)
{
    for (; at + 1 < s.n; at++)
        if (s.p[at] == ')' && (s.p[at + 1] == '<' || s.p[at + 1] == ':'))
            return at + 1;
    return s.n;
}

/* "service(pid): ", "service(user): ", "service(user)<pid><session>: ", and where `plain` also "service: " */
static bool dovecot_parse(struct ps_slice text, bool plain, struct ps_syslog_header *h)
{
    struct ps_slice pid = {NULL, 0};
    size_t n = 0;
    while (n < text.n && is_service_char(text.p[n]))
        n++;
    if (n == 0 || n == text.n)
        return false;
    size_t at = n;
    if (text.p[at] == '(') {
        pid = pid_between(text, at + 1, ')');
        at = parenthesis_end(text, at + 1);
    } else if (!plain) {
        return false;
    }
    if (at == text.n || (text.p[at] != '<' && text.p[at] != ':'))
        return false;
    if (text.p[at] == '<') /* then what stands in the parentheses is a user, even if a number */
        pid = pid_between(text, at + 1, '>');
    h->program = ps_slice_make(text.p, n);
    h->pid = pid;
    h->message = text;
    return true;
}

/* ---- "host tag[pid]: text" ---- */

/* Where "name[digits]" stands before byte `end` of the token: the place of its bracket, else 0. */
static size_t pid_bracket_find(struct ps_slice token, size_t end)
{
    if (end < 3 || token.p[end - 1] != ']')
        return 0;
    size_t i = end - 1;
    while (i > 0 && is_digit(token.p[i - 1]))
        i--;
    size_t digits = end - 1 - i;
    return digits >= 1 && digits <= PID_DIGITS_MAX && i >= 2 && token.p[i - 1] == '[' ? i - 1 : 0;
}

static void tag_set(struct ps_syslog_header *h, struct ps_slice token, size_t end, size_t bracket)
{
    h->program = ps_slice_make(token.p, bracket ? bracket : end);
    if (bracket)
        h->pid = ps_slice_make(token.p + bracket + 1, end - bracket - 2);
}

/* Reads the tag at the start of `text`: "name:", "name[pid]:", and where a host stood before it also "name[pid]". Sets
 * program, pid and message; false: no tag there. */
static bool tag_parse(struct ps_slice text, bool behind_host, struct ps_syslog_header *h)
{
    struct ps_slice rest = text, token = token_take(&rest);
    if (token.n < 2)
        return false;
    if (token.p[token.n - 1] == ':') {
        tag_set(h, token, token.n - 1, pid_bracket_find(token, token.n - 1));
        h->message = rest;
        return true;
    }
    /* no blank behind the colon, or no colon */
    for (size_t i = 3; i < token.n; i++) {
        size_t bracket = token.p[i] == ':' ? pid_bracket_find(token, i) : 0;
        if (bracket) {
            tag_set(h, token, i, bracket);
            h->message = blanks_skip(ps_slice_after(text, i + 1));
            return true;
        }
    }
    size_t bracket = behind_host ? pid_bracket_find(token, token.n) : 0;
    if (!bracket)
        return false;
    tag_set(h, token, token.n, bracket);
    h->message = rest;
    return true;
}

/* Whether the first token is a host for sure: it has none of the bytes that make a tag or a Dovecot service of it. */
static bool is_plain_host(struct ps_slice text, size_t *ret_len)
{
    for (size_t i = 0; i < text.n; i++)
        switch (text.p[i]) {
        case ' ':
            *ret_len = i;
            return i > 0;
        case ':':
        case '[':
        case '(':
        case '<':
            return false;
        default:
            break;
        }
    return false;
}

/* A host never ends with a colon nor holds "[pid]:"; so what does is the tag of a line without host. Nor has it a
 * parenthesis: Dovecot's own stamps may be traditional ones, and a user must not get into host or program. */
static void host_and_tag_parse(struct ps_slice text, struct ps_syslog_header *h)
{
    size_t n;
    if (is_plain_host(text, &n)) {
        h->host = ps_slice_make(text.p, n);
        text = blanks_skip(ps_slice_after(text, n));
    } else if (dovecot_parse(text, false, h) || tag_parse(text, false, h)) {
        return;
    } else {
        h->host = token_take(&text);
    }
    if (!tag_parse(text, true, h))
        h->message = text;
}

/* ---- RFC 5424 ---- */

/* The length of the structured data at the start of s: "-" or "[id name="value"…]…". 0: neither. */
static size_t structured_data_length(struct ps_slice s)
{
    if (s.n && s.p[0] == '-')
        return 1;
    size_t i = 0;
    while (i < s.n && s.p[i] == '[') {
        bool quoted = false;
        for (i++; i < s.n && (quoted || s.p[i] != ']'); i++) {
            if (s.p[i] == '"')
                quoted = !quoted;
            else if (quoted && s.p[i] == '\\')
                i++;
        }
        if (i >= s.n)
            return 0;
        i++;
    }
    return i;
}

/* One field and the blank behind it; "-" is empty. False: there is none. */
static bool field_take(struct ps_slice *s, struct ps_slice *ret)
{
    size_t n = 0;
    while (n < s->n && s->p[n] != ' ')
        n++;
    if (n == 0 || n == s->n)
        return false;
    *ret = n == 1 && s->p[0] == '-' ? (struct ps_slice){NULL, 0} : ps_slice_make(s->p, n);
    *s = ps_slice_after(*s, n + 1);
    return true;
}

static bool all_digits(struct ps_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_digit(s.p[i]))
            return false;
    return s.n <= PID_DIGITS_MAX;
}

/* s starts behind "<PRI>1 ". */
static bool rfc5424_parse(struct ps_slice s, struct ps_syslog_header *h)
{
    struct ps_slice msgid;
    size_t used = 1; /* "-" */
    if (s.n == 0 || (s.p[0] != '-' && !ps_timestamp_rfc3339_parse(s, &h->time_usec, &used)) || used >= s.n ||
        s.p[used] != ' ')
        return false;
    s = ps_slice_after(s, used + 1);
    if (!field_take(&s, &h->host) || !field_take(&s, &h->program) || !field_take(&s, &h->pid) ||
        !field_take(&s, &msgid))
        return false;
    if (!all_digits(h->pid))
        h->pid = (struct ps_slice){NULL, 0};

    /* Structured data that does not end or has no blank behind it is left in the message, not lost. */
    size_t n = structured_data_length(s);
    if (n >= s.n || s.p[n] == ' ')
        s = ps_slice_after(s, n);
    s = blanks_skip(s);
    if (ps_slice_starts(s, PS_SLICE("\xef\xbb\xbf")))
        s = blanks_skip(ps_slice_after(s, 3));
    h->message = s;
    return true;
}

/* ---- no stamp ---- */

/* A process of Postfix that fails before it knows its log: "pipe[738]: fatal: text" and nothing else. */
static bool fatal_parse(struct ps_slice s, struct ps_syslog_header *h)
{
    return tag_parse(s, false, h) && h->pid.n &&
           (ps_slice_starts(h->message, PS_SLICE("fatal: ")) || ps_slice_starts(h->message, PS_SLICE("panic: ")));
}

/* ---- all ---- */

static bool ends_at(struct ps_slice s, size_t n)
{
    return s.n == n || (s.n > n && s.p[n] == ' ');
}

bool ps_syslog_header_parse(struct ps_slice line, struct ps_time_context *time, struct ps_syslog_header *ret)
{
    struct ps_syslog_header h = {.time_usec = INT64_MIN};
    struct ps_slice s = line;
    size_t used;

    h.priority = priority_take(&s);
    if (s.n < 2)
        return false;
    if (is_digit(s.p[0])) {
        if (s.p[0] == '1' && s.p[1] == ' ' && h.priority >= 0) {
            if (!rfc5424_parse(ps_slice_after(s, 2), &h))
                return false;
            *ret = h;
            return true;
        }
        bool zoned = ps_timestamp_rfc3339_parse(s, &h.time_usec, &used);
        if (zoned ? !ends_at(s, used)
                  : !ends_at(s, PS_TIMESTAMP_LOCAL_LEN) || !ps_timestamp_local_parse(s, time, &h.time_usec, &used))
            return false;
        s = blanks_skip(ps_slice_after(s, used));
        if (zoned || !dovecot_parse(s, true, &h))
            host_and_tag_parse(s, &h);
    } else if (ends_at(s, PS_TIMESTAMP_RFC3164_LEN) && ps_timestamp_rfc3164_parse(s, time, &h.time_usec, &used)) {
        host_and_tag_parse(blanks_skip(ps_slice_after(s, used)), &h);
    } else if (!fatal_parse(s, &h)) {
        return false;
    }
    *ret = h;
    return true;
}
