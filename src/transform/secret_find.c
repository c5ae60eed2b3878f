#include "transform/secret_find.h"

#include <stdint.h>

#include "base/ip.h"
#include "base/util.h"

/* The secret near the needle that stands at text[at] and ends at text[behind]; empty: none. */
typedef struct ps_slice (*finder)(struct ps_slice text, size_t at, size_t behind);

static const struct ps_slice nothing;

static struct ps_slice part(struct ps_slice text, size_t from, size_t to)
{
    return from < to ? (struct ps_slice){text.p + from, to - from} : nothing;
}

static bool is_letter(char c)
{
    return (unsigned char)((c | 0x20) - 'a') < 26;
}

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_base64(char c)
{
    return is_letter(c) || is_digit(c) || c == '+' || c == '/' || c == '=';
}

static char lower(char c)
{
    return (unsigned char)(c - 'A') < 26 ? (char)(c | 0x20) : c;
}

/* Whether the text goes on with `what`, which is in lower case, from `at` on. */
static bool goes_on(struct ps_slice text, size_t at, struct ps_slice what)
{
    if (at > text.n || what.n > text.n - at)
        return false;
    for (size_t i = 0; i < what.n; i++)
        if (lower(text.p[at + i]) != what.p[i])
            return false;
    return true;
}

/* Where `what` stands, from `at` on; text.n: nowhere. */
static size_t find(struct ps_slice text, size_t at, struct ps_slice what)
{
    const char *p = at < text.n ? memmem(text.p + at, text.n - at, what.p, what.n) : NULL;
    return p ? (size_t)(p - text.p) : text.n;
}

/* The text up to a little behind `at`, as far as names and keys reach: keeps the work for a line in proportion to its
 * length, whatever stands in it. */
static struct ps_slice near(struct ps_slice text, size_t at)
{
    enum { NEAR = 2048 };
    return (struct ps_slice){text.p, PS_MIN(text.n, at + NEAR)};
}

/* Where the last c stands, if it ends the text or `follows` comes next: a secret may hold any character, and a line may
 * be cut within it. text.n: nowhere. */
static size_t end_find(struct ps_slice text, size_t from, char c, struct ps_slice follows)
{
    const char *p = from < text.n ? memrchr(text.p + from, c, text.n - from) : NULL;
    size_t end = p ? (size_t)(p - text.p) : text.n;
    return end + 1 == text.n || ps_slice_starts(ps_slice_after(text, end + 1), follows) ? end : text.n;
}

static size_t blanks_skip(struct ps_slice text, size_t at)
{
    while (at < text.n && is_blank(text.p[at]))
        at++;
    return at;
}

/* What Dovecot writes in place of a value that it hides itself. */
static bool is_hidden(struct ps_slice text, size_t at)
{
    return goes_on(text, at, PS_SLICE("<hidden>"));
}

static struct ps_slice rest_find(struct ps_slice text, size_t at, size_t behind)
{
    (void)at;
    return is_hidden(text, behind) ? nothing : part(text, behind, text.n);
}

static struct ps_slice quoted_find(struct ps_slice text, size_t at, size_t behind)
{
    (void)at;
    return part(text, behind, end_find(text, behind, '\'', PS_SLICE(" in passdb: ")));
}

static struct ps_slice bracketed_find(struct ps_slice text, size_t at, size_t behind)
{
    (void)at;
    return part(text, behind, end_find(text, behind, ')', PS_SLICE(" - trying")));
}

/* KEY=VALUE, "KEY":"VALUE", KEY = 'VALUE'. */
static struct ps_slice value_find(struct ps_slice text, size_t at, size_t behind)
{
    (void)at;
    bool key_is_quoted = behind < text.n && text.p[behind] == '"';
    size_t i = blanks_skip(text, behind + key_is_quoted);
    if (i == text.n || !(text.p[i] == '=' || (key_is_quoted && text.p[i] == ':')))
        return nothing;
    i = blanks_skip(text, i + 1);
    if (i == text.n || is_hidden(text, i))
        return nothing;
    char quote = text.p[i];
    return quote == '\'' || quote == '"' ? part(text, i + 1, end_find(text, i + 1, quote, PS_SLICE("}")))
                                         : part(text, i, text.n);
}

/* The same for a key that other keys may end with: behind a tab or what a syslog daemon makes of it. */
static struct ps_slice tabbed_find(struct ps_slice text, size_t at, size_t behind)
{
    static const struct ps_slice tabs[] = {{"\t", 1},    {" ", 1},   {"?", 1}, {"#011", 4},
                                           {"\\011", 4}, {"\\t", 2}, {"^I", 2}};
    for (size_t i = 0; i < PS_COUNT(tabs); i++)
        if (ps_slice_ends((struct ps_slice){text.p, at}, tabs[i]))
            return part(text, behind, text.n);
    return at ? nothing : part(text, behind, text.n);
}

/* "CONT", tab, number, tab, what client or server say; the tabs may be written in other ways. */
static struct ps_slice continuation_find(struct ps_slice text, size_t at, size_t behind)
{
    (void)at;
    size_t i = behind;
    for (int tabs = 0; tabs < 2; tabs++) {
        static const struct ps_slice forms[] = {{"#011", 4}, {"\\011", 4}, {"\\t", 2}, {"^i", 2}};
        size_t form = 0;
        while (form < PS_COUNT(forms) && !goes_on(text, i, forms[form]))
            form++;
        i += form < PS_COUNT(forms) ? forms[form].n : 1;
        while (tabs == 0 && i < text.n && is_digit(text.p[i]))
            i++;
    }
    return part(text, i, text.n);
}

/* Behind the " = " of a table's answer. */
static struct ps_slice answer_find(struct ps_slice text, size_t at, size_t behind)
{
    (void)at;
    struct ps_slice name = near(text, behind);
    size_t equals = find(name, behind, PS_SLICE(" = "));
    return equals < name.n ? part(text, equals + 3, text.n) : nothing;
}

static bool is_table_of_secrets(struct ps_slice name)
{
    for (size_t i = 0; i < name.n; i++)
        if (goes_on(name, i, PS_SLICE("sasl")) || goes_on(name, i, PS_SLICE("passw")))
            return true;
    return false;
}

/* "table=NAME flags=... result=VALUE", dict_proxy.c: of a table that by its name holds passwords. */
static struct ps_slice table_find(struct ps_slice text, size_t at, size_t behind)
{
    (void)at;
    struct ps_slice head = near(text, behind);
    size_t end = find(head, behind, PS_SLICE(" "));
    if (!is_table_of_secrets(part(head, behind, end)))
        return nothing;
    static const struct ps_slice keys[] = {{" result=", 8}, {" value=", 7}, {" val=", 5}};
    size_t first = text.n;
    for (size_t i = 0; i < PS_COUNT(keys); i++) {
        size_t key = find(head, end, keys[i]);
        first = key < head.n ? PS_MIN(first, key + keys[i].n) : first;
    }
    return part(text, first, text.n);
}

/* "TYPE:NAME lookup: "KEY" = "VALUE"", dict_debug.c. */
static struct ps_slice lookup_find(struct ps_slice text, size_t at, size_t behind)
{
    if (!is_table_of_secrets(near((struct ps_slice){text.p, at}, 0)))
        return nothing;
    struct ps_slice key = near(text, behind);
    size_t quote = find(key, behind, PS_SLICE("\" = \""));
    return quote < key.n ? part(text, quote + 5, text.n) : nothing;
}

/* The value of any attribute, which may be a table's answer: user:password looks like "transport:nexthop" too. */
static struct ps_slice attribute_find(struct ps_slice text, size_t at, size_t behind)
{
    (void)at;
    size_t colon = find(text, behind, PS_SLICE(":"));
    struct ps_slice user = part(text, behind, colon);
    bool number = true;
    for (size_t i = 0; i < user.n; i++)
        number = number && is_digit(user.p[i]);
    if (number || ps_slice_equal(user, PS_SLICE("unix")) || ps_slice_equal(user, PS_SLICE("inet")) ||
        ps_ip_valid(part(text, behind, text.n)))
        return nothing;
    return part(text, colon + 1, text.n);
}

/* "scheme://user:password@host". */
static struct ps_slice url_find(struct ps_slice text, size_t at, size_t behind)
{
    (void)at;
    size_t end = behind, colon = text.n, host = text.n;
    for (; end < text.n && !is_blank(text.p[end]) && text.p[end] != '/' && text.p[end] != '"'; end++) {
        if (text.p[end] == ':' && colon == text.n)
            colon = end;
        if (text.p[end] == '@')
            host = end;
    }
    return host < text.n ? part(text, colon + 1, host) : nothing;
}

/* The end of the name of a SASL mechanism at text[at]; at: none is there. */
static size_t mechanism_end(struct ps_slice text, size_t at)
{
    static const struct ps_slice names[] = {
        {"plain", 5},  {"login", 5}, {"xoauth", 6}, {"oauthbearer", 11}, {"cram-", 5},    {"digest-", 7},
        {"scram-", 6}, {"ntlm", 4},  {"gss", 3},    {"gs2-", 4},         {"external", 8}, {"kerberos", 8},
    };
    for (size_t i = 0; i < PS_COUNT(names); i++)
        if (goes_on(text, at, names[i])) {
            size_t end = at + names[i].n;
            while (end < text.n && (is_letter(text.p[end]) || is_digit(text.p[end]) || text.p[end] == '-'))
                end++;
            return end;
        }
    return at;
}

/* Behind "AUTH " in free text: a mechanism of that name, and what follows it, unless that is the list of a server's
 * mechanisms (no base64 is as long as their names). */
static struct ps_slice mechanism_find(struct ps_slice text, size_t at, size_t behind)
{
    if (at && text.p[at - 1] == '-')
        return nothing;
    size_t end = mechanism_end(text, behind);
    if (end == behind)
        return nothing;
    size_t next = blanks_skip(text, end), next_end = mechanism_end(text, next);
    bool list = next_end - next == 5 && (next_end == text.n || is_blank(text.p[next_end]));
    return list ? nothing : part(text, next, text.n);
}

/* The length of the SMTP command word that a client's line begins with; 0: none. */
static size_t command_length(struct ps_slice line)
{
    static const struct ps_slice commands[] = {
        {"auth", 4}, {"mail", 4}, {"rcpt", 4},     {"ehlo", 4}, {"helo", 4},    {"lhlo", 4},     {"data", 4},
        {"bdat", 4}, {"rset", 4}, {"noop", 4},     {"quit", 4}, {"vrfy", 4},    {"expn", 4},     {"etrn", 4},
        {"help", 4}, {"turn", 4}, {"starttls", 8}, {".", 1},    {"xclient", 7}, {"xforward", 8}, {"burl", 4},
    };
    for (size_t i = 0; i < PS_COUNT(commands); i++) {
        size_t n = commands[i].n;
        if (goes_on(line, 0, commands[i]) && (line.n == n || is_blank(line.p[n])))
            return n;
    }
    return 0;
}

/* What one side of an SMTP session says. What is neither a command nor a reply continues an AUTH exchange, or can't be
 * told from that. A client that doesn't keep to the protocol may send its password without base64. */
static struct ps_slice spoken_find(struct ps_slice said)
{
    bool reply = said.n >= 3 && is_digit(said.p[0]) && is_digit(said.p[1]) && is_digit(said.p[2]) &&
                 (said.n == 3 || said.p[3] == ' ' || said.p[3] == '-');
    if (reply)
        return goes_on(said, 0, PS_SLICE("334")) ? part(said, 4, said.n) : nothing;
    size_t command = command_length(said);
    if (!command)
        return said;
    if (!goes_on(said, 0, PS_SLICE("auth")))
        return nothing;
    size_t mechanism = blanks_skip(said, command), end = mechanism;
    while (end < said.n && !is_blank(said.p[end]))
        end++;
    return part(said, blanks_skip(said, end), said.n);
}

/* "< host[address]:port: TEXT" and "> ...", smtpd_chat.c, smtp_chat.c, at the start of the message; behind a colon
 * where the head of the line wasn't understood. */
static struct ps_slice session_find(struct ps_slice text, size_t at, size_t behind)
{
    bool first = behind == at + 1; /* the needle is the bare arrow */
    if (first && (at || behind == text.n || text.p[behind] != ' '))
        return nothing;
    struct ps_slice peer = near(text, behind);
    size_t bracket = find(peer, behind, PS_SLICE("]:"));
    if (bracket == peer.n || find(peer, behind, PS_SLICE("[")) > bracket)
        return nothing;
    size_t i = bracket + 2;
    if (i < text.n && is_digit(text.p[i])) {
        while (i < text.n && is_digit(text.p[i]))
            i++;
        if (i == text.n || text.p[i] != ':')
            return nothing;
        i++;
    }
    return spoken_find(ps_slice_after(text, blanks_skip(text, i)));
}

/* What a client sent before it was its turn, from the blank behind its address on. After AUTH it may be anything. */
static struct ps_slice pipelined_find(struct ps_slice text, size_t at, size_t behind)
{
    (void)at;
    size_t said = find(text, behind, PS_SLICE(": "));
    return part(text, said + 2, text.n);
}

/* The word that Dovecot takes for an SMTP command: what continues AUTH may be one. */
static struct ps_slice command_find(struct ps_slice text, size_t at, size_t behind)
{
    (void)at;
    struct ps_slice rest = ps_slice_after(text, behind);
    return command_length(rest) ? nothing : rest;
}

/* "command WORD: TEXT", the same in the prefix of lib-smtp's messages. */
static struct ps_slice label_find(struct ps_slice text, size_t at, size_t behind)
{
    struct ps_slice prefix = near((struct ps_slice){text.p, at}, 0);
    if (find(prefix, 0, PS_SLICE("smtp-")) == prefix.n || behind == text.n || text.p[behind] == '[')
        return nothing;
    size_t end = find(text, behind, PS_SLICE(": "));
    return command_length(part(text, behind, end)) ? nothing : part(text, behind, text.n);
}

/* A word that a list is asked for, match_ops.c: of commands it may be what continues AUTH after a refusal. */
static struct ps_slice listed_find(struct ps_slice text, size_t at, size_t behind)
{
    (void)at;
    size_t end = find(text, behind, PS_SLICE(" ~? "));
    struct ps_slice word = part(text, behind, end);
    return command_length(word) ? nothing : word;
}

/* The same where the list has no name: what looks like base64. */
static struct ps_slice unlisted_find(struct ps_slice text, size_t at, size_t behind)
{
    (void)at;
    size_t end = behind;
    bool upper = false, other = false;
    for (; end < text.n && is_base64(text.p[end]); end++) {
        upper = upper || (unsigned char)(text.p[end] - 'A') < 26;
        other = other || (unsigned char)(text.p[end] - 'A') >= 26;
    }
    bool whole = (end - behind) % 4 == 0 && goes_on(text, end, PS_SLICE(":"));
    return upper && other && (whole || end == text.n) ? part(text, behind, end) : nothing;
}

/* "SCHEME(given) != 'stored'", auth-request.c: from the bracket on, to the last quote. In front stands "driver(user): "
 * with a user that anyone may have chosen. */
static struct ps_slice mismatch_find(struct ps_slice text)
{
    size_t at = text.n && memchr(text.p, '!', text.n) ? find(text, 0, PS_SLICE(") != '")) : text.n;
    if (at == text.n)
        return nothing;
    struct ps_slice head = {text.p, at};
    size_t start = find(head, 0, PS_SLICE("): "));
    start = start < head.n ? start + 3 : 0;
    size_t i = start;
    while (i < head.n && (is_letter(head.p[i]) || is_digit(head.p[i]) || head.p[i] == '-' || head.p[i] == '.'))
        i++;
    if (i < head.n && head.p[i] == '(')
        start = i + 1;
    return part(text, start, end_find(text, at, '\'', PS_SLICE(", try ")));
}

/* The same where the line is cut in between: nothing else looks like "): SCHEME(". */
static struct ps_slice scheme_find(struct ps_slice text, size_t at, size_t behind)
{
    (void)at;
    size_t i = behind;
    while (i < text.n && ((unsigned char)(text.p[i] - 'A') < 26 || is_digit(text.p[i]) || text.p[i] == '-'))
        i++;
    bool scheme = i > behind && i < text.n && text.p[i] == '(' && find(text, i, PS_SLICE(") != '")) == text.n;
    return scheme ? part(text, i + 1, text.n) : nothing;
}

/* In lower case; letters stand for both cases. The leftmost in a text counts, of those that begin at one place the one
 * that finds something. */
static const struct row {
    struct ps_slice needle;
    finder find;
} rows[] = {
#define ROW(needle, find)                                                                                              \
    {                                                                                                                  \
        {needle, sizeof(needle) - 1}, find                                                                             \
    }
    /* Postfix, sessions: with debug_peer_list or -v */
    ROW("<", session_find),
    ROW(">", session_find),
    ROW(": < ", session_find),
    ROW(": > ", session_find),
    ROW("auth ", mechanism_find),
    ROW("authorization:", rest_find), /* HTTP on an SMTP port, smtpd.c: non-SMTP command */
    ROW("pipelining after auth from ", pipelined_find),
    ROW(" after auth: ", rest_find), /* postscreen_smtpd.c: COMMAND PIPELINING */
    ROW("_commands: ", listed_find),
    ROW("match_list_match: ", unlisted_find),
    /* Postfix, SASL: smtp_sasl_glue.c, src/xsasl */
    ROW("init_response ", rest_find),
    ROW("decoded initial response ", rest_find),
    ROW("decoded response: ", rest_find),
    ROW("decoded challenge: ", rest_find),
    ROW("uncoded server challenge: ", rest_find),
    ROW("uncoded initial reply: ", rest_find),
    ROW("uncoded client response ", rest_find),
    ROW("client_get_passwd: ", rest_find),
    ROW("sasl authentication pass: ", rest_find), /* libsasl: SASL_LOG_PASS */
    ROW("sasl authentication trace: ", rest_find),
    ROW("' pass `", quoted_find),
    ROW("auth reply: cont", continuation_find),
    ROW("bad smtp_sasl_auth_cache entry: ", rest_find),
    /* Postfix, tables: maps.c, dict_proxy.c, dict_debug.c, attr_print*.c, attr_scan*.c */
    ROW("_sasl_password_maps: ", answer_find),
    ROW("table=", table_find),
    ROW(" lookup: \"", lookup_find),
    ROW("input attribute value: ", attribute_find),
    ROW("send attr value = ", attribute_find),
    ROW("://", url_find),
    /* keys in all programs: configurations of tables (cfg_parser.c), Dovecot's lists and queries, JSON, URLs */
    ROW("password", value_find),
    ROW("passwd", value_find),
    ROW("passphrase", value_find),
    ROW("pass", value_find),
    ROW("bind_pw", value_find),
    ROW("pwhash", value_find),
    ROW("secret", value_find),
    ROW("token", value_find),
    ROW("bearer ", rest_find),
    /* Dovecot: src/auth, lib-auth, lib-smtp */
    ROW("resp=", tabbed_find),
    ROW("client in: cont", continuation_find),
    ROW("client passdb out: cont", continuation_find),
    ROW("auth input: cont", continuation_find),
    ROW("given password: ", bracketed_find),
    ROW("', password '", quoted_find),
    ROW("invalid password '", quoted_find),
    ROW("(input: ", bracketed_find),
    ROW("credentials: ", rest_find),
    ROW("cache hit: ", rest_find),
    ROW("invalid reply from worker: ", rest_find),
    ROW("client sent unknown command: ", rest_find),
    ROW("line not read: ", rest_find),
    ROW("): ", scheme_find),
    ROW(": command ", label_find),
    ROW("received new command: ", command_find),
    ROW("received auth response: ", rest_find),
#undef ROW
};

enum { LETTERS = 32 };

/* Rows by the low bits of their first byte, which the two cases of a letter share: numbers of rows, from 1. */
struct row_index {
    uint8_t first[LETTERS], next[PS_COUNT(rows) + 1];
    uint32_t second[LETTERS]; /* by the first byte: bits of the second one, of which few are in use */
};

static struct row_index rows_index(void)
{
    struct row_index index = {0};
    for (size_t i = PS_COUNT(rows); i > 0; i--) {
        struct ps_slice needle = rows[i - 1].needle;
        unsigned letter = (unsigned char)needle.p[0] % LETTERS;
        index.next[i] = index.first[letter];
        index.first[letter] = (uint8_t)i;
        index.second[letter] |= needle.n > 1 ? UINT32_C(1) << ((unsigned char)needle.p[1] % LETTERS) : UINT32_MAX;
    }
    return index;
}

static struct ps_slice row_find(const struct row_index *index, struct ps_slice text, size_t at)
{
    unsigned letter = (unsigned char)text.p[at] % LETTERS;
    if (at + 1 == text.n || !(index->second[letter] >> ((unsigned char)text.p[at + 1] % LETTERS) & 1))
        return nothing;
    for (size_t i = index->first[letter]; i; i = index->next[i]) {
        const struct row *row = &rows[i - 1];
        if (!goes_on(text, at, row->needle))
            continue;
        struct ps_slice found = row->find(text, at, at + row->needle.n);
        if (found.n)
            return found;
    }
    return nothing;
}

bool ps_secret_find(struct ps_slice text, struct ps_slice *ret)
{
    struct ps_slice mismatch = mismatch_find(text);
    size_t end = mismatch.n ? (size_t)(mismatch.p - text.p) : text.n;
    const struct row_index index = rows_index();
    for (size_t at = 0; at < end; at++) {
        struct ps_slice found = row_find(&index, text, at);
        if (!found.n)
            continue;
        if (mismatch.n && mismatch.p + mismatch.n > found.p + found.n)
            found.n = (size_t)(mismatch.p + mismatch.n - found.p); /* what the user name of a mismatch looks like */
        *ret = found;
        return true;
    }
    if (!mismatch.n)
        return false;
    *ret = mismatch;
    return true;
}
