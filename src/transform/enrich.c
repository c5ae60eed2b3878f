#include "transform/enrich.h"

#include "base/ip.h"
#include "base/util.h"
#include "lib/idn.h"
#include "transform/reason.h"
#include "transform/remote_id.h"

static const enum ps_outcome kind_outcomes[PS_KIND_COUNT] = {
    [PS_K_CONNECT] = PS_OUTCOME_SUCCESS,       [PS_K_CONNECTION_LOST] = PS_OUTCOME_FAILURE,
    [PS_K_TIMEOUT] = PS_OUTCOME_FAILURE,       [PS_K_CONNECT_FAILED] = PS_OUTCOME_FAILURE,
    [PS_K_RATE_LIMITED] = PS_OUTCOME_FAILURE,  [PS_K_COMMAND_REFUSED] = PS_OUTCOME_FAILURE,
    [PS_K_TLS] = PS_OUTCOME_SUCCESS,           [PS_K_TLS_FAILED] = PS_OUTCOME_FAILURE,
    [PS_K_HOST_MISMATCH] = PS_OUTCOME_FAILURE, [PS_K_ACCEPTED] = PS_OUTCOME_SUCCESS,
    [PS_K_REJECT] = PS_OUTCOME_FAILURE,        [PS_K_GREYLISTED] = PS_OUTCOME_FAILURE,
    [PS_K_PROXY_ACCEPT] = PS_OUTCOME_SUCCESS,  [PS_K_PROXY_REJECT] = PS_OUTCOME_FAILURE,
    [PS_K_PICKUP] = PS_OUTCOME_SUCCESS,        [PS_K_QUEUED] = PS_OUTCOME_SUCCESS,
    [PS_K_BOUNCED] = PS_OUTCOME_FAILURE,       [PS_K_EXPIRED] = PS_OUTCOME_FAILURE,
    [PS_K_LOGIN] = PS_OUTCOME_SUCCESS,         [PS_K_LOGIN_FAILED] = PS_OUTCOME_FAILURE,
    [PS_K_LOGIN_ABORTED] = PS_OUTCOME_FAILURE, [PS_K_SCREEN_CONNECT] = PS_OUTCOME_SUCCESS,
    [PS_K_SCREEN_PASS] = PS_OUTCOME_SUCCESS,   [PS_K_SCREEN_VIOLATION] = PS_OUTCOME_FAILURE,
    [PS_K_SCREEN_HANGUP] = PS_OUTCOME_FAILURE, [PS_K_SCREEN_CACHED] = PS_OUTCOME_SUCCESS,
    [PS_K_CONFIG_ERROR] = PS_OUTCOME_FAILURE,  [PS_K_TABLE_ERROR] = PS_OUTCOME_FAILURE,
    [PS_K_ERROR] = PS_OUTCOME_FAILURE,         [PS_K_FATAL] = PS_OUTCOME_FAILURE,
    [PS_K_PANIC] = PS_OUTCOME_FAILURE,
};

static const struct {
    struct ps_slice status;
    enum ps_outcome outcome;
} delivery_outcomes[] = {
    {PS_SLICE("sent"), PS_OUTCOME_SUCCESS},        {PS_SLICE("deferred"), PS_OUTCOME_FAILURE},
    {PS_SLICE("bounced"), PS_OUTCOME_FAILURE},     {PS_SLICE("expired"), PS_OUTCOME_FAILURE},
    {PS_SLICE("deliverable"), PS_OUTCOME_SUCCESS}, {PS_SLICE("undeliverable"), PS_OUTCOME_FAILURE},
};

static enum ps_outcome outcome_of(const struct ps_event *ev)
{
    if (ev->kind != PS_K_DELIVERY)
        return kind_outcomes[ev->kind];
    struct ps_slice status = ps_event_get(ev, PS_F_STATUS);
    for (size_t i = 0; i < PS_COUNT(delivery_outcomes); i++)
        if (ps_slice_equal(status, delivery_outcomes[i].status))
            return delivery_outcomes[i].outcome;
    return PS_OUTCOME_UNKNOWN;
}

/* Empty where there is none. */
static struct ps_slice domain_find(struct ps_slice address)
{
    const char *last = address.n ? memrchr(address.p, '@', address.n) : NULL;
    if (!last)
        return (struct ps_slice){0};
    if (!memchr(address.p, '"', address.n))
        return ps_slice_after(address, (size_t)(last - address.p) + 1);

    size_t behind = address.n;
    bool quoted = false;
    for (size_t i = 0; i < address.n; i++) {
        if (address.p[i] == '"')
            quoted = !quoted;
        else if (address.p[i] == '\\')
            i++; /* what follows is itself */
        else if (address.p[i] == '@' && !quoted)
            behind = i + 1;
    }
    return ps_slice_after(address, behind);
}

enum domain_form { DOMAIN_ASCII, DOMAIN_WIDE, DOMAIN_NONE };

/* Lower case into `to`, as many bytes. Says whether it is a domain: letters, digits and "-._", with ':' too in a
 * literal; or has letters beyond ASCII, or can't be one. */
static enum domain_form domain_lower(char *to, struct ps_slice domain, bool literal)
{
    bool wide = false;
    for (size_t i = 0; i < domain.n; i++) {
        unsigned char c = (unsigned char)domain.p[i];
        if ((unsigned)c - 'A' < 26)
            c |= 0x20;
        to[i] = (char)c;
        if ((unsigned)c - 'a' < 26 || (unsigned)c - '0' < 10 || c == '.' || c == '-' || c == '_')
            continue;
        if (c >= 0x80)
            wide = true;
        else if (c != ':' || !literal)
            return DOMAIN_NONE;
    }
    return wide ? DOMAIN_WIDE : DOMAIN_ASCII;
}

static void literal_set(struct ps_event *ev, enum ps_field f, struct ps_slice literal)
{
    if (literal.n < 3 || literal.n > PS_IDN_MAX || literal.p[literal.n - 1] != ']')
        return;
    char *text = ps_arena_take(&ev->arena, literal.n);
    if (!text || domain_lower(text + 1, ps_slice_make(literal.p + 1, literal.n - 2), true) != DOMAIN_ASCII)
        return;
    text[0] = '[';
    text[literal.n - 1] = ']';
    (void)ps_event_put(ev, f, ps_slice_make(text, literal.n));
}

static void domain_set(struct ps_event *ev, enum ps_field f, struct ps_slice domain)
{
    char ascii[PS_IDN_MAX];
    char *text = ps_arena_take(&ev->arena, domain.n);
    if (!text)
        return;
    enum domain_form form = domain_lower(text, domain, false);
    if (form == DOMAIN_WIDE) {
        size_t n;
        if (ps_idn_to_ascii(domain, ascii, &n) < 0 || !(text = ps_arena_take(&ev->arena, n)))
            return;
        domain = ps_slice_make(text, n);
        form = domain_lower(text, ps_slice_make(ascii, n), false);
    }
    if (form == DOMAIN_ASCII && domain.n <= PS_IDN_MAX)
        (void)ps_event_put(ev, f, ps_slice_make(text, domain.n));
}

/* Whether nobody knows where the field's value ends: the mark stands right behind it. */
static bool end_is_unknown(const struct ps_event *ev, enum ps_field f)
{
    if (!ps_event_has(ev, PS_F_AMBIGUOUS))
        return false;
    for (unsigned i = 0; i + 1 < ev->n; i++)
        if (ev->values[i].field == f)
            return ev->values[i + 1].field == PS_F_AMBIGUOUS;
    return false;
}

static void domain_derive(struct ps_event *ev, enum ps_field from, enum ps_field to)
{
    if (!ps_event_has(ev, from) || ps_event_has(ev, to) || end_is_unknown(ev, from))
        return;
    struct ps_slice domain = domain_find(ps_event_get(ev, from));
    if (!domain.n)
        return;
    if (domain.p[0] == '[')
        literal_set(ev, to, domain);
    else
        domain_set(ev, to, domain);
}

static bool domain_is_own(const struct ps_site *site, struct ps_slice domain)
{
    for (size_t i = 0; i < site->own_domains.n; i++) {
        struct ps_slice own = ps_slice_from_str(site->own_domains.v[i]);
        if (ps_slice_ends(domain, own) && (domain.n == own.n || domain.p[domain.n - own.n - 1] == '.'))
            return true;
    }
    return false;
}

static bool ip_is_loopback(const struct ps_ip *ip)
{
    static const uint8_t one[16] = {[15] = 1};
    return ip->family == 4 ? ip->bytes[0] == 127 : memcmp(ip->bytes, one, sizeof one) == 0;
}

enum sender { SENDER_OWN, SENDER_STRANGER, SENDER_UNKNOWN };

static enum sender sender_find(const struct ps_site *site, const struct ps_event *ev)
{
    if (ps_event_has(ev, PS_F_SASL_USERNAME))
        return SENDER_OWN;
    struct ps_slice client = ps_event_get(ev, PS_F_ORIG_CLIENT_IP);
    if (!client.n)
        client = ps_event_get(ev, PS_F_CLIENT_IP);
    struct ps_ip ip;
    if (site->own_networks.n && client.n && ps_ip_parse(client, &ip) && !ip_is_loopback(&ip)) {
        for (size_t i = 0; i < site->own_networks.n; i++)
            if (ps_network_contains(&site->own_networks.v[i], &ip))
                return SENDER_OWN;
        return SENDER_STRANGER;
    }
    struct ps_slice from = ps_event_get(ev, PS_F_FROM_DOMAIN);
    return from.n && domain_is_own(site, from) ? SENDER_OWN : SENDER_UNKNOWN;
}

static void direction_set(const struct ps_site *site, struct ps_event *ev)
{
    if (!ps_event_has(ev, PS_F_TO_DOMAIN)) {
        if (ev->kind == PS_K_ACCEPTED && sender_find(site, ev) == SENDER_STRANGER)
            (void)ps_event_set_literal(ev, PS_F_DIRECTION, "inbound");
        return;
    }
    struct ps_slice to = ps_event_get(ev, PS_F_TO_DOMAIN);
    if (!site->own_domains.n || !to.n || to.p[0] == '[')
        return;
    enum sender sender = sender_find(site, ev);
    if (!domain_is_own(site, to)) {
        if (sender != SENDER_STRANGER)
            (void)ps_event_set_literal(ev, PS_F_DIRECTION, "outbound");
    } else if (sender == SENDER_OWN) {
        (void)ps_event_set_literal(ev, PS_F_DIRECTION, "internal");
    } else {
        (void)ps_event_set_literal(ev, PS_F_DIRECTION, "inbound");
    }
}

static struct ps_slice first_of(const struct ps_event *ev, const enum ps_field *fields, size_t n)
{
    struct ps_slice v = {0};
    for (size_t i = 0; i < n && !v.n; i++)
        v = ps_event_get(ev, fields[i]);
    return v;
}

/* Whether the event is a refusal that has a reason. */
static bool reason_is_due(const struct ps_event *ev)
{
    switch (ev->kind) {
    case PS_K_DELIVERY:
        return ev->outcome == PS_OUTCOME_FAILURE;
    case PS_K_REJECT:
    case PS_K_REJECT_WARNING:
    case PS_K_PROXY_REJECT:
    case PS_K_BOUNCED:
        return true;
    case PS_K_MILTER_ACTION: {
        static const enum ps_field marks[] = {PS_F_SMTP_CODE, PS_F_ENHANCED_CODE, PS_F_MILTER_RESULT};
        struct ps_slice mark = first_of(ev, marks, PS_COUNT(marks));
        return mark.n && (mark.p[0] == '4' || mark.p[0] == '5' || ps_slice_equal(mark, PS_SLICE("reject")) ||
                          ps_slice_equal(mark, PS_SLICE("tempfail")));
    }
    default:
        return false;
    }
}

static void reason_class_set(struct ps_event *ev)
{
    static const enum ps_field said[] = {PS_F_RESPONSE, PS_F_REASON};
    static const enum ps_field own[] = {PS_F_REASON, PS_F_MILTER_MESSAGE, PS_F_PROXY_MESSAGE};
    struct ps_reply reply = {.code = ps_event_get(ev, PS_F_SMTP_CODE),
                             .enhanced = ps_event_get(ev, PS_F_ENHANCED_CODE)};
    if (ev->kind == PS_K_DELIVERY) {
        reply.text = first_of(ev, said, PS_COUNT(said));
        if (!reply.code.n) /* of a reply without enhanced code dsn= says no more than the code */
            reply.enhanced = ps_event_get(ev, PS_F_DSN);
    } else if ((ev->kind == PS_K_REJECT || ev->kind == PS_K_REJECT_WARNING) && ps_event_has(ev, PS_F_RESPONSE)) {
        reply = (struct ps_reply){.text = ps_event_get(ev, PS_F_RESPONSE)}; /* handed on, its codes in front */
    } else {
        reply.text = first_of(ev, own, PS_COUNT(own));
    }
    if (reply.code.n || reply.enhanced.n || reply.text.n)
        (void)ps_event_put(ev, PS_F_REASON_CLASS, ps_reason_class(&reply));
}

static void remote_id_set(struct ps_event *ev)
{
    struct ps_slice code = ps_event_get(ev, PS_F_SMTP_CODE);
    if (!code.n || code.p[0] != '2')
        return;
    struct ps_slice id = ps_remote_id_find(ps_event_get(ev, PS_F_RESPONSE));
    if (id.n)
        (void)ps_event_put(ev, PS_F_REMOTE_QUEUE_ID, id);
}

void ps_enrich(const struct ps_site *site, struct ps_event *ev)
{
    domain_derive(ev, PS_F_FROM, PS_F_FROM_DOMAIN);
    domain_derive(ev, PS_F_TO, PS_F_TO_DOMAIN);
    if (ev->outcome == PS_OUTCOME_NONE)
        ev->outcome = outcome_of(ev);
    if (reason_is_due(ev))
        reason_class_set(ev);
    else if (ev->kind == PS_K_DELIVERY && !ps_event_has(ev, PS_F_REMOTE_QUEUE_ID))
        remote_id_set(ev);
    if ((site->own_domains.n || site->own_networks.n) && !ps_event_has(ev, PS_F_DIRECTION))
        direction_set(site, ev);
}
