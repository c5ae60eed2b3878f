#include "transform/reason.h"

#include <stdint.h>

#include "base/util.h"

enum { TEXT_MAX = 1024, GRAM = 4, MAP_BITS = 16384, CODE_LEN = 3, DETAIL_MAX = 999 };

/* A row fits where all that it names is so. Small, as most rows are only looked at to be passed over. */
struct row {
    uint16_t first, last;               /* reply codes; 0, 0: any or none */
    uint8_t subject;                    /* of the enhanced code "x.SUBJECT.DETAIL"; 0: any or none */
    uint8_t needle_n;                   /* bytes of needle */
    uint16_t detail_first, detail_last; /* where there is a subject */
    const char *needle;                 /* lower case, at least GRAM bytes; NULL: any text */
    const char *class;
};

#define CODE(from, to, name)                                                                                           \
    {                                                                                                                  \
        .first = (from), .last = (to), .class = (name)                                                                 \
    }
#define TEXT(text, name)                                                                                               \
    {                                                                                                                  \
        .needle = (text), .needle_n = sizeof(text) - 1, .class = (name)                                                \
    }
#define ENHANCED_RANGE(x, from, to, name)                                                                              \
    {                                                                                                                  \
        .subject = (x), .detail_first = (from), .detail_last = (to), .class = (name)                                   \
    }
#define ENHANCED(x, y, name) ENHANCED_RANGE(x, y, y, name)
#define CODE_TEXT(from, to, text, name)                                                                                \
    {                                                                                                                  \
        .first = (from), .last = (to), .needle = (text), .needle_n = sizeof(text) - 1, .class = (name)                 \
    }
#define ENHANCED_TEXT(x, from, to, text, name)                                                                         \
    {                                                                                                                  \
        .subject = (x), .detail_first = (from), .detail_last = (to), .needle = (text), .needle_n = sizeof(text) - 1,   \
        .class = (name)                                                                                                \
    }

/* clang-format off */
static const struct row rows[] = {
    /* 1: codes that mean one thing */
    CODE(523, 523, "tls_failed"), /* "encryption needed", and for a login */
    CODE(534, 535, "authentication"),
    CODE(538, 538, "tls_failed"),
    CODE(556, 556, "dns_failure"), /* RFC 7505: null MX */

    /* 2: texts that are surer than codes */
    CODE_TEXT(400, 499, "greylist", "greylisted"),
    CODE_TEXT(400, 499, "graylist", "greylisted"),
    CODE_TEXT(400, 499, "grey list", "greylisted"),
    CODE_TEXT(400, 499, "grey-list", "greylisted"),
    CODE_TEXT(400, 499, "address verification in progress", "greylisted"),
    CODE_TEXT(451, 451, "internal resource temporarily unavailable", "greylisted"), /* Mimecast */
    CODE_TEXT(530, 530, "starttls", "tls_failed"),
    CODE(530, 530, "authentication"),
    ENHANCED_TEXT(4, 1, 1, "recipient address rejected", "user_unknown"), /* Microsoft's directory-based blocking */
    ENHANCED_TEXT(1, 8, 8, "bad outbound sender", "spam_content"),        /* Microsoft */
    ENHANCED_TEXT(2, 1, 1, "at a rate", "rate_limited"),                  /* Gmail */
    ENHANCED_TEXT(2, 1, 1, "user unknown", "user_unknown"),
    ENHANCED_TEXT(2, 1, 1, "user not found", "user_unknown"),
    ENHANCED_TEXT(7, 9, 9, "policy reasons", "policy"),                   /* Yahoo */
    ENHANCED_TEXT(7, 5, 5, "dmarc", "authentication"),                    /* Yahoo */
    ENHANCED_TEXT(5, 0, DETAIL_MAX, "helo command rejected", "policy"),
    ENHANCED_TEXT(5, 0, DETAIL_MAX, "mailbox unavailable", "user_unknown"), /* Microsoft */
    TEXT("unverified address: connect to", "connect_failed"), /* Postfix, why it could not verify */
    TEXT("unverified address: lost connection", "connect_failed"),
    TEXT("unverified address: conversation with", "timeout"),
    TEXT("unverified address: host or domain name", "dns_failure"),
    TEXT("sender verify failed", "policy"),                        /* Exim: about the sender, not the recipient */
    TEXT("sender verify callout", "policy"),
    TEXT("rate limited", "rate_limited"),
    TEXT("rate-limited", "rate_limited"),
    TEXT("mail rate limit", "rate_limited"),
    TEXT("limit exceeded; recipient", "rate_limited"),
    TEXT("(nullmx)", "dns_failure"),
    TEXT("null mx", "dns_failure"),

    /* 3: enhanced codes that mean one thing */
    ENHANCED(1, 1, "user_unknown"),
    ENHANCED(1, 2, "dns_failure"),
    ENHANCED(1, 3, "protocol"),
    ENHANCED(1, 6, "user_unknown"),
    ENHANCED(1, 7, "protocol"),
    ENHANCED(1, 8, "dns_failure"),
    ENHANCED(1, 10, "user_unknown"), /* Microsoft; RFC 7505's null MX is known by its code or text */
    ENHANCED(2, 1, "mailbox_disabled"),
    ENHANCED(2, 2, "mailbox_full"),
    ENHANCED(2, 3, "size_exceeded"),
    ENHANCED(2, 121, "rate_limited"), /* Microsoft: what a recipient may get an hour */
    ENHANCED(2, 122, "rate_limited"),
    ENHANCED(3, 4, "size_exceeded"),
    ENHANCED(3, 5, "configuration"),
    ENHANCED(4, 3, "dns_failure"),
    ENHANCED(4, 4, "dns_failure"),
    ENHANCED(4, 6, "loop"),
    ENHANCED(4, 7, "timeout"),
    ENHANCED(4, 14, "loop"), /* from here on Microsoft's */
    ENHANCED(4, 310, "dns_failure"),
    ENHANCED(4, 312, "dns_failure"),
    ENHANCED(4, 316, "connect_failed"),
    ENHANCED(5, 3, "rate_limited"),
    ENHANCED(6, 7, "protocol"),
    ENHANCED(7, 4, "tls_failed"),
    ENHANCED(7, 5, "tls_failed"),
    ENHANCED(7, 8, "authentication"),
    ENHANCED(7, 9, "authentication"),
    ENHANCED(7, 10, "tls_failed"),
    ENHANCED(7, 11, "tls_failed"),
    ENHANCED(7, 13, "mailbox_disabled"),
    ENHANCED(7, 20, "authentication"), /* RFC 7372: DKIM, SPF */
    ENHANCED(7, 21, "authentication"),
    ENHANCED(7, 22, "authentication"),
    ENHANCED(7, 23, "authentication"),
    ENHANCED(7, 24, "authentication"),
    ENHANCED(7, 25, "policy"), /* no reverse name */
    ENHANCED(7, 26, "authentication"),
    ENHANCED(7, 28, "rate_limited"), /* mail flood */
    ENHANCED(7, 40, "authentication"),
    ENHANCED(7, 54, "relay_denied"), /* from here on Microsoft's */
    ENHANCED(7, 57, "authentication"),
    ENHANCED(7, 64, "relay_denied"),
    ENHANCED(7, 129, "policy"),
    ENHANCED(7, 133, "policy"),
    ENHANCED(7, 232, "rate_limited"),
    ENHANCED(7, 233, "rate_limited"),
    ENHANCED_RANGE(7, 320, 329, "tls_failed"),
    ENHANCED(7, 500, "rate_limited"),
    ENHANCED(7, 501, "spam_content"),
    ENHANCED(7, 502, "spam_content"),
    ENHANCED(7, 503, "spam_content"),
    ENHANCED(7, 509, "authentication"), /* DMARC */
    ENHANCED(7, 511, "blocklisted"),
    ENHANCED(7, 515, "authentication"),
    ENHANCED_RANGE(7, 600, 649, "blocklisted"),
    ENHANCED_RANGE(7, 650, 659, "rate_limited"),
    ENHANCED(7, 705, "rate_limited"),
    ENHANCED(7, 708, "reputation"),

    /* 4: texts */
    TEXT("relay access denied", "relay_denied"),
    TEXT("relaying denied", "relay_denied"),
    TEXT("relay denied", "relay_denied"),
    TEXT("relay not permitted", "relay_denied"),
    TEXT("relaying not", "relay_denied"),
    TEXT("not permitted to relay", "relay_denied"),
    TEXT("unable to relay", "relay_denied"),
    TEXT("credentials for relay", "relay_denied"),
    TEXT("allowed rcpthosts", "relay_denied"),
    TEXT("we do not relay", "relay_denied"),
    TEXT("open relay", "blocklisted"),

    TEXT("mailbox full", "mailbox_full"),
    TEXT("mailbox is full", "mailbox_full"),
    TEXT("mailbox for user is full", "mailbox_full"),
    TEXT("inbox is full", "mailbox_full"),
    TEXT("over quota", "mailbox_full"),
    TEXT("overquota", "mailbox_full"),
    TEXT("quota exceeded", "mailbox_full"),
    TEXT("quotaexceeded", "mailbox_full"),
    TEXT("exceeded quota", "mailbox_full"),
    TEXT("exceeded storage", "mailbox_full"),
    TEXT("out of storage", "mailbox_full"),
    TEXT("mailbox size limit", "mailbox_full"),
    TEXT("disk quota", "mailbox_full"),

    TEXT("mailbox is disabled", "mailbox_disabled"),
    TEXT("mailbox disabled", "mailbox_disabled"),
    TEXT("account is disabled", "mailbox_disabled"),
    TEXT("account disabled", "mailbox_disabled"),
    TEXT("account has been disabled", "mailbox_disabled"),
    TEXT("account is inactive", "mailbox_disabled"),
    TEXT("account inactive", "mailbox_disabled"),
    TEXT("mailbox is inactive", "mailbox_disabled"),
    TEXT("user suspended", "mailbox_disabled"),
    TEXT("account suspended", "mailbox_disabled"),
    TEXT("is suspended", "mailbox_disabled"),
    TEXT("account is locked", "mailbox_disabled"),
    TEXT("user is inactive", "mailbox_disabled"),
    TEXT("is not active", "mailbox_disabled"),

    TEXT("user unknown", "user_unknown"),
    TEXT("unknown user", "user_unknown"),
    TEXT("user not found", "user_unknown"),
    TEXT("no such user", "user_unknown"),
    TEXT("no such recipient", "user_unknown"),
    TEXT("no such mailbox", "user_unknown"),
    TEXT("no mailbox here", "user_unknown"),
    TEXT("no such address", "user_unknown"),
    TEXT("no such account", "user_unknown"),
    TEXT("unknown recipient", "user_unknown"),
    TEXT("recipient unknown", "user_unknown"),
    TEXT("recipient not found", "user_unknown"),
    TEXT("recipientnotfound", "user_unknown"),
    TEXT("invalid recipient", "user_unknown"),
    TEXT("unknown address", "user_unknown"),
    TEXT("address unknown", "user_unknown"),
    TEXT("unknown mailbox", "user_unknown"),
    TEXT("mailbox unknown", "user_unknown"),
    TEXT("mailbox not found", "user_unknown"),
    TEXT("invalid mailbox", "user_unknown"),
    TEXT("user doesn't", "user_unknown"),
    TEXT("user does not exist", "user_unknown"),
    TEXT("account does not exist", "user_unknown"),
    TEXT("address does not exist", "user_unknown"),
    TEXT("mailbox does not exist", "user_unknown"),
    TEXT("recipient does not exist", "user_unknown"),
    TEXT("does not exist here", "user_unknown"),
    TEXT("not a valid recipient", "user_unknown"),
    TEXT("not a valid mailbox", "user_unknown"),
    TEXT("unrouteable address", "user_unknown"),
    TEXT("unroutable address", "user_unknown"),
    CODE_TEXT(500, 599, "mailbox unavailable", "user_unknown"),
    TEXT("undeliverable address", "user_unknown"),

    TEXT("too many hops", "loop"),
    TEXT("hop count", "loop"),
    TEXT("hopcount", "loop"),
    TEXT("mail loop", "loop"),
    TEXT("loops back to myself", "loop"),
    TEXT("forwarding loop", "loop"),
    TEXT("database loop", "loop"),

    TEXT("spamhaus", "blocklisted"),
    TEXT("barracudacentral", "blocklisted"),
    TEXT("spamcop", "blocklisted"),
    TEXT("uceprotect", "blocklisted"),
    TEXT("dnsbl", "blocklisted"),
    TEXT("rbl+", "blocklisted"),
    TEXT(" rbl", "blocklisted"),
    TEXT("block list", "blocklisted"),
    TEXT("blocklist", "blocklisted"),
    TEXT("black list", "blocklisted"),
    TEXT("blacklist", "blocklisted"),
    TEXT("banned send", "blocklisted"),
    TEXT("blocked senders", "blocklisted"),
    TEXT("is listed ", "blocklisted"),

    TEXT("dmarc", "authentication"),
    TEXT("dkim", "authentication"),
    TEXT("spf ", "authentication"),
    TEXT("sender policy framework", "authentication"),
    TEXT("unauthenticated", "authentication"),
    TEXT("not logged in", "authentication"),
    TEXT("authentication required", "authentication"),
    TEXT("authentication failed", "authentication"),
    TEXT("authentication failure", "authentication"),
    TEXT("authentication protocol loop", "authentication"),
    TEXT("authentication level", "authentication"),
    TEXT("not authenticated", "authentication"),

    TEXT("timed out while", "timeout"), /* Postfix, also while STARTTLS */
    TEXT("lost connection with", "connect_failed"),
    TEXT("starttls", "tls_failed"),
    TEXT("tls required", "tls_failed"),
    TEXT("tls is required", "tls_failed"),
    TEXT("start tls", "tls_failed"),
    TEXT("tls not available", "tls_failed"),
    TEXT("tls currently", "tls_failed"),
    TEXT("tls connection", "tls_failed"),
    TEXT("tls configuration", "tls_failed"),
    TEXT("tls engine", "tls_failed"),
    TEXT("certificate not", "tls_failed"),

    TEXT("rate limit", "rate_limited"),
    TEXT("mail at a rate", "rate_limited"),
    TEXT("ratelimit", "rate_limited"),
    TEXT("unexpected volume", "rate_limited"),
    TEXT("unusual rate", "rate_limited"),
    TEXT("too many", "rate_limited"),
    TEXT("too much mail", "rate_limited"),
    TEXT("too frequent", "rate_limited"),
    TEXT("too quickly", "rate_limited"),
    TEXT("too fast", "rate_limited"),
    TEXT("frequency", "rate_limited"),
    TEXT("throttl", "rate_limited"),
    TEXT("sending limit", "rate_limited"),
    TEXT("recipient thread limit", "rate_limited"),
    TEXT("server busy", "rate_limited"),
    TEXT("try again later from", "rate_limited"),

    TEXT("content related", "spam_content"),
    TEXT("spam-like", "spam_content"), /* Microsoft names content and reputation in one reply */
    TEXT("reputation", "reputation"),
    TEXT("ipcheck.proofpoint", "reputation"),
    TEXT("[ts03]", "reputation"), /* Yahoo */
    TEXT("[tss0", "rate_limited"),
    TEXT("user complaints", "reputation"),
    TEXT("dynamic ip", "reputation"),
    TEXT("senderbase", "reputation"),
    TEXT("blocked using ", "blocklisted"), /* Postfix, of any list */

    TEXT("spam", "spam_content"),
    TEXT("unsolicited", "spam_content"),
    TEXT("dt:spm", "spam_content"), /* 163 */
    TEXT("virus", "spam_content"),
    TEXT("malware", "spam_content"),
    TEXT("phish", "spam_content"),
    TEXT("bounce attack", "spam_content"),
    TEXT("content denied", "spam_content"), /* QQ */
    TEXT("content rejected", "spam_content"),
    TEXT("its content presents", "spam_content"), /* Gmail */
    TEXT("junk mail", "spam_content"),

    TEXT("message size", "size_exceeded"),
    TEXT("message too large", "size_exceeded"),
    TEXT("message too big", "size_exceeded"),
    TEXT("too large for", "size_exceeded"),
    TEXT("message is too", "size_exceeded"),
    TEXT("message exceeds", "size_exceeded"),
    TEXT("size limit", "size_exceeded"),
    TEXT("exceeds maximum", "size_exceeded"),

    TEXT("cannot find your", "policy"), /* Postfix: hostname, reverse hostname */
    TEXT("helo command rejected", "policy"),
    TEXT("dns ptr", "policy"),
    TEXT("reverse dns", "policy"),
    TEXT("name service error", "dns_failure"),
    TEXT("domain not found", "dns_failure"),
    TEXT("host not found", "dns_failure"),
    TEXT("unable to look up host", "dns_failure"),
    TEXT("does not resolve", "dns_failure"),
    TEXT("dns query", "dns_failure"),
    TEXT("dns failure", "dns_failure"),
    TEXT("dns error", "dns_failure"),

    TEXT("command died", "configuration"),
    TEXT("time limit exceeded", "timeout"),
    TEXT("connect to ", "connect_failed"),
    TEXT("lost connection", "connect_failed"),
    TEXT("connection refused", "connect_failed"),
    TEXT("timed out", "timeout"),
    TEXT("timeout", "timeout"),

    TEXT("insufficient system", "configuration"),
    TEXT("lookup failure", "configuration"),
    TEXT("lookup error", "configuration"),
    TEXT("configuration error", "configuration"),
    TEXT("configuration problem", "configuration"),
    TEXT("queue file", "configuration"),
    TEXT("database unavailable", "configuration"),
    TEXT("database owner", "configuration"),
    TEXT("transport unavailable", "configuration"),
    TEXT("mail transport error", "configuration"),
    TEXT("resolver failure", "configuration"),
    TEXT("temporary local problem", "configuration"), /* Exim: its own set-up */
    TEXT("sieve", "configuration"),
    TEXT("command output", "configuration"),
    TEXT("unable to forward", "configuration"),
    TEXT("unable to lock", "configuration"),
    TEXT("create maildir file", "configuration"),
    TEXT("cannot access", "configuration"),
    TEXT("cannot append", "configuration"),
    TEXT("cannot open", "configuration"),
    TEXT("cannot update", "configuration"),
    TEXT("system config", "configuration"),

    TEXT("pipelining", "protocol"),
    TEXT("syntax", "protocol"),
    TEXT("line length", "protocol"),
    TEXT("line too long", "protocol"),
    TEXT("not recognized", "protocol"),
    TEXT("was not offered", "protocol"),
    TEXT("rfc 5321", "protocol"),
    TEXT("rfc 5322", "protocol"),
    TEXT("unexpected server message", "protocol"),

    TEXT("policy", "policy"),
    TEXT("policies", "policy"),
    TEXT("access denied", "policy"),
    TEXT("administrative", "policy"),
    TEXT("prohibit", "policy"),
    TEXT("blocked", "policy"),
    TEXT("not accept mail", "policy"),
    TEXT("command rejected", "policy"),
    TEXT("address rejected", "policy"),
    TEXT("not authorized", "policy"),
    TEXT("banned", "policy"),

    /* 5: what is left of enhanced codes */
    ENHANCED(4, 1, "connect_failed"),
    ENHANCED(4, 2, "connect_failed"),
    ENHANCED_RANGE(5, 0, DETAIL_MAX, "protocol"),
    ENHANCED_RANGE(6, 0, DETAIL_MAX, "protocol"),
    ENHANCED_RANGE(7, 0, DETAIL_MAX, "policy"),

    /* 6: and of codes */
    CODE(500, 504, "protocol"),
    CODE(521, 521, "policy"),
    CODE(552, 552, "size_exceeded"),
    CODE(555, 555, "protocol"),
};
/* clang-format on */

/* Which runs of GRAM bytes a text holds, by hash: a needle whose last and first bytes aren't there needn't be looked
 * for. */
struct grams {
    uint64_t bits[MAP_BITS / 64];
};

static unsigned gram_hash(const char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return (v * UINT32_C(2654435761)) >> 18;
}
_Static_assert(MAP_BITS == 1 << (32 - 18) && GRAM == sizeof(uint32_t), "gram_hash gives numbers below MAP_BITS");

static bool grams_have(const struct grams *g, const char *p)
{
    unsigned h = gram_hash(p);
    return g->bits[h / 64] >> (h % 64) & 1;
}

static size_t digits_count(struct ps_slice s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    return n;
}

/* The length of "5.7.1" at the start of s, 0 where none stands there. */
static size_t enhanced_scan(struct ps_slice s)
{
    if (s.n < 5 || (s.p[0] != '2' && s.p[0] != '4' && s.p[0] != '5') || s.p[1] != '.')
        return 0;
    size_t subject = digits_count(ps_slice_after(s, 2));
    if (subject == 0 || subject > 3 || 2 + subject >= s.n || s.p[2 + subject] != '.')
        return 0;
    size_t detail = digits_count(ps_slice_after(s, 3 + subject));
    size_t n = 3 + subject + detail;
    return detail == 0 || detail > 3 || (n < s.n && s.p[n] != ' ') ? 0 : n;
}

/* The length of the codes with which a line of a reply begins ("550-5.7.1 "); 0: none, or not those of `reply`. Where
 * that has none yet it gets these. */
static size_t codes_take(struct ps_slice s, struct ps_reply *reply)
{
    if (digits_count(s) != CODE_LEN || (s.n > CODE_LEN && s.p[CODE_LEN] != ' ' && s.p[CODE_LEN] != '-'))
        return 0;
    if (reply->code.n == 0)
        reply->code = (struct ps_slice){s.p, CODE_LEN};
    if (!ps_slice_starts(s, reply->code))
        return 0;
    size_t n = PS_MIN((size_t)CODE_LEN + 1, s.n);
    struct ps_slice enhanced = {s.p + n, enhanced_scan(ps_slice_after(s, n))};
    if (reply->enhanced.n == 0)
        reply->enhanced = enhanced;
    if (enhanced.n && ps_slice_equal(enhanced, reply->enhanced))
        n = PS_MIN(n + enhanced.n + 1, s.n);
    return n;
}

/* The length of "<…>" at the start of s, an address or the name of a client; where it doesn't end, how far there is no
 * end. */
static size_t brackets_scan(struct ps_slice s, bool *ret_ends)
{
    size_t n = 1;
    while (n < s.n && s.p[n] != ' ' && s.p[n] != '>')
        n++;
    *ret_ends = n < s.n && s.p[n] == '>';
    return n + *ret_ends;
}

/* The text as rows compare it. */
static struct ps_slice text_lower(struct ps_slice s, struct ps_reply *reply, char to[TEXT_MAX])
{
    size_t n = 0, open = 0; /* before `open` no bracket ends */
    for (size_t i = 0; i < s.n && n < TEXT_MAX;) {
        char c = s.p[i];
        struct ps_slice rest = {s.p + i, s.n - i};
        size_t skipped = 0;
        if (c == '<' && i >= open) {
            bool ends;
            skipped = brackets_scan(rest, &ends);
            if (!ends) {
                open = i + skipped;
                skipped = 0;
            }
        } else if (c >= '2' && c <= '5' && reply->code.n && (i == 0 || s.p[i - 1] == ' ')) {
            skipped = codes_take(rest, reply);
        }
        if (skipped) {
            i += skipped;
            continue;
        }
        to[n++] = (unsigned)c - 'A' < 26 ? (char)(c | 0x20) : c;
        i++;
    }
    return (struct ps_slice){to, n};
}

/* Decimal digits, at most what enhanced_scan and codes_take let pass. */
static unsigned number_read(struct ps_slice s)
{
    unsigned n = 0;
    for (size_t i = 0; i < digits_count(s); i++)
        n = n * 10 + ((unsigned char)s.p[i] - '0');
    return n;
}

struct numbers {
    unsigned code, subject, detail;
};

static struct numbers numbers_of(const struct ps_reply *reply)
{
    struct numbers n = {.code = number_read(reply->code)};
    if (reply->enhanced.n && enhanced_scan(reply->enhanced) == reply->enhanced.n) {
        struct ps_slice subject = ps_slice_after(reply->enhanced, 2);
        n.subject = number_read(subject);
        n.detail = number_read(ps_slice_after(subject, digits_count(subject) + 1));
    }
    return n;
}

static bool row_fits(const struct row *row, const struct numbers *n, struct ps_slice text, const struct grams *grams)
{
    if (row->last && (n->code < row->first || n->code > row->last))
        return false;
    if (row->subject && (n->subject != row->subject || n->detail < row->detail_first || n->detail > row->detail_last))
        return false;
    if (!row->needle)
        return true;
    return grams_have(grams, row->needle + row->needle_n - GRAM) && grams_have(grams, row->needle) &&
           memmem(text.p, text.n, row->needle, row->needle_n);
}

struct ps_slice ps_reason_class(const struct ps_reply *reply)
{
    struct ps_reply r = *reply;
    if (r.code.n != CODE_LEN) {
        r.code.n = 0;
        r.text = ps_slice_after(r.text, codes_take(r.text, &r));
    }
    char lower[TEXT_MAX];
    struct ps_slice text = text_lower(r.text, &r, lower);
    struct numbers numbers = numbers_of(&r);
    struct grams grams = {0};
    for (size_t i = 0; i + GRAM <= text.n; i++) {
        unsigned h = gram_hash(text.p + i);
        grams.bits[h / 64] |= UINT64_C(1) << (h % 64);
    }
    for (size_t i = 0; i < PS_COUNT(rows); i++)
        if (row_fits(&rows[i], &numbers, text, &grams))
            return ps_slice_from_str(rows[i].class);
    return PS_SLICE("other");
}
