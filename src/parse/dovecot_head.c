#include "parse/dovecot_head.h"

#include "base/util.h"
#include "parse/scan.h"

/* lib/failures.c, failure_log_type_prefixes[]; severities as Postfix and syslog name them. */
static const struct {
    struct ps_slice prefix, severity;
    unsigned index; /* of the rules' prefix: "", "warning: ", "error: ", "fatal: ", "panic: " */
} levels[] = {
    {{"Info: ", 6}, {"info", 4}, 0},   {{"Warning: ", 9}, {"warning", 7}, 1}, {{"Error: ", 7}, {"error", 5}, 2},
    {{"Fatal: ", 7}, {"fatal", 5}, 3}, {{"Panic: ", 7}, {"panic", 5}, 4},     {{"Debug: ", 7}, {"debug", 5}, 0},
};
enum { LEVEL_INFO = 0, LEVEL_DEBUG = PS_COUNT(levels) - 1, LEVEL_NONE = PS_COUNT(levels) };

static const struct ps_slice rules_login = {"dovecot-login", 13}, rules_auth = {"dovecot-auth", 12},
                             rules_request = {"dovecot-request", 15}, rules_mail = {"dovecot-mail", 12},
                             rules_lookup = {"dovecot-lookup", 14}, rules_debug = {"dovecot-debug", 13},
                             rules_other = {"dovecot", 7};

static struct ps_slice rules_of(struct ps_slice service)
{
    static const struct ps_slice mail[] = {{"imap", 4},         {"pop3", 4},           {"lmtp", 4},
                                           {"lda", 3},          {"deliver", 7},        {"submission", 10},
                                           {"managesieve", 11}, {"indexer-worker", 14}};
    if (ps_slice_ends(service, PS_SLICE("-login")))
        return rules_login;
    if (ps_slice_equal(service, PS_SLICE("auth")) || ps_slice_equal(service, PS_SLICE("auth-worker")))
        return rules_auth;
    for (size_t i = 0; i < PS_COUNT(mail); i++)
        if (ps_slice_equal(service, mail[i]))
            return rules_mail;
    return rules_other;
}

static size_t service_length(struct ps_slice s)
{
    size_t n = 0;
    while (n < s.n &&
           ((s.p[n] >= 'a' && s.p[n] <= 'z') || (s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '-' || s.p[n] == '_'))
        n++;
    return n;
}

static size_t digits_length(struct ps_slice s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    return n <= 10 ? n : 0;
}

/* The place of the first needle from `at` on; s.n: there is none. */
static size_t find(struct ps_slice s, size_t at, struct ps_slice needle)
{
    const char *p = at < s.n ? memmem(s.p + at, s.n - at, needle.p, needle.n) : NULL;
    return p ? (size_t)(p - s.p) : s.n;
}

/* "<value>" at the start of s, its brackets and all; 0: none. No value of Dovecot's own has blanks. */
static size_t bracket_length(struct ps_slice s)
{
    size_t n = 1;
    if (s.n < 2 || s.p[0] != '<')
        return 0;
    while (n < s.n && s.p[n] != '>' && s.p[n] != '<' && s.p[n] != ' ')
        n++;
    return n < s.n && s.p[n] == '>' ? n + 1 : 0;
}

/* What stands behind the ")" of a head. */
struct tail {
    struct ps_slice pid, session;
    size_t n; /* with its ": " */
};

/* ": ", "<pid><session>: ", "<pid>: ", "<session>: " */
static bool tail_scan(struct ps_slice s, struct tail *ret)
{
    struct tail t = {0};
    for (size_t n; (n = bracket_length(ps_slice_after(s, t.n))) > 0; t.n += n) {
        struct ps_slice inside = {s.p + t.n + 1, n - 2};
        if (!t.pid.n && !t.session.n && inside.n && digits_length(inside) == inside.n)
            t.pid = inside;
        else if (!t.session.n)
            t.session = inside;
        else
            return false;
    }
    if (!ps_slice_starts(ps_slice_after(s, t.n), PS_SLICE(": ")))
        return false;
    t.n += 2;
    *ret = t;
    return true;
}

/* The first place from `at` on where ")" and a tail stand; s.n: there is none. */
static size_t close_find(struct ps_slice s, size_t at, bool bracketed, struct tail *ret)
{
    for (; (at = find(s, at, PS_SLICE(")"))) < s.n; at++)
        if (tail_scan(ps_slice_after(s, at + 1), ret) && (!bracketed || ret->pid.n))
            return at;
    return s.n;
}

/* Takes ",value" off the end of *s, where the value begins with `start`. */
static struct ps_slice last_take(struct ps_slice *s, struct ps_slice start)
{
    const char *comma = s->n ? memrchr(s->p, ',', s->n) : NULL;
    struct ps_slice value = comma ? ps_slice_after(*s, (size_t)(comma - s->p) + 1) : (struct ps_slice){0};
    if (!comma || !ps_slice_starts(value, start))
        return (struct ps_slice){0};
    s->n = (size_t)(comma - s->p);
    return value;
}

/* "user", "user,ip", "user,ip,master", "user,ip,<session>", "user,ip,sasl:plain"; the user may hold commas. Where a pid
 * and a session stand behind it, it is the user alone. */
static void identity_put(struct ps_slice identity, bool user_only, bool ambiguous, struct ps_event *ev)
{
    if (!user_only && !ambiguous) {
        struct ps_slice session = last_take(&identity, PS_SLICE("<"));
        if (session.n > 2 && session.p[session.n - 1] == '>')
            (void)ps_event_put(ev, PS_F_LOGIN_SESSION, (struct ps_slice){session.p + 1, session.n - 2});
        struct ps_slice method = last_take(&identity, PS_SLICE("sasl:"));
        if (method.n > 5)
            (void)ps_event_put(ev, PS_F_LOGIN_METHOD, ps_slice_after(method, 5));
        (void)last_take(&identity, PS_SLICE("master"));
        const char *comma = identity.n ? memrchr(identity.p, ',', identity.n) : NULL;
        if (comma && ps_event_set(ev, PS_F_CLIENT_IP, ps_slice_after(identity, (size_t)(comma - identity.p) + 1)))
            identity.n = (size_t)(comma - identity.p);
    }
    if (ambiguous)
        (void)ps_event_put(ev, PS_F_AMBIGUOUS, (struct ps_slice){0});
    else if (identity.n && !ps_slice_equal(identity, PS_SLICE("?")))
        (void)ps_event_put(ev, PS_F_LOGIN_USER, identity);
}

/* Whether the text ends as an identity does: with ",ip" or ",<session>". */
static bool is_identity_end(struct ps_slice text)
{
    const char *comma = memrchr(text.p, ',', text.n);
    struct ps_slice last = comma ? ps_slice_after(text, (size_t)(comma - text.p) + 1) : (struct ps_slice){0};
    return last.n && (bracket_length(last) == last.n || ps_scan_ip(last) == last.n);
}

/* auth/auth-request.c, auth_request_get_log_prefix(): "passwd-file(user,ip,<session>): " in front of the text. Dovecot
 * 2.4 has it in the head. */
static bool request_take(struct ps_slice *text, struct ps_event *ev)
{
    size_t name = service_length(*text);
    if (name == 0 || name == text->n || text->p[name] != '(')
        return false;
    size_t end = find(*text, name, PS_SLICE("): "));
    if (end == text->n)
        return false;
    bool ambiguous = false;
    for (size_t other = end; (other = find(*text, other + 1, PS_SLICE("): "))) < text->n;)
        ambiguous |= is_identity_end((struct ps_slice){text->p + end, other - end});
    (void)ps_event_put(ev, PS_F_AUTH_SOURCE, (struct ps_slice){text->p, name});
    identity_put((struct ps_slice){text->p + name + 1, end - name - 1}, false, ambiguous, ev);
    *text = ps_slice_after(*text, end + 3);
    return true;
}

/* What 2.4 has left of it, as the head has all else: "passwd-file: ". */
static void source_take(struct ps_slice *text, struct ps_event *ev)
{
    size_t n = service_length(*text);
    if (n == 0 || !ps_slice_starts(ps_slice_after(*text, n), PS_SLICE(": ")))
        return;
    (void)ps_event_put(ev, PS_F_AUTH_SOURCE, (struct ps_slice){text->p, n});
    *text = ps_slice_after(*text, n + 2);
}

/* auth/auth-request.c, auth_request_append_password(): the last thing of a line. The name of a user in front of it may
 * look like it: then the text ends too early, never too late. */
static struct ps_slice password_cut(struct ps_slice text)
{
    size_t plain = find(text, 0, PS_SLICE(" (given password: "));
    size_t hash = find(text, 0, PS_SLICE(" (SHA1 of given password: "));
    return (struct ps_slice){text.p, plain < hash ? plain : hash};
}

static struct ps_slice auth_text_take(struct ps_slice text, struct ps_event *ev, struct ps_slice *rules)
{
    text = password_cut(text);
    if (ps_slice_starts(text, PS_SLICE("conn unix:"))) {
        size_t id = find(text, 0, PS_SLICE("): auth-worker<"));
        size_t end = find(text, id, PS_SLICE(">: "));
        if (end < text.n)
            text = ps_slice_after(text, end + 3);
    }
    bool request = request_take(&text, ev);
    if (!request && (ps_event_has(ev, PS_F_LOGIN_USER) || ps_event_has(ev, PS_F_CLIENT_IP))) {
        request = true;
        source_take(&text, ev);
    }
    if (request) {
        while (text.n && text.p[text.n - 1] == ' ')
            text.n--;
        bool lookup = !ps_event_has(ev, PS_F_CLIENT_IP) && ps_slice_ends(text, PS_SLICE("unknown user"));
        *rules = lookup ? rules_lookup : rules_request;
    }
    return text;
}

static size_t level_find(struct ps_slice s)
{
    size_t i = 0;
    while (i < LEVEL_NONE && !ps_slice_starts(s, levels[i].prefix))
        i++;
    return i;
}

bool ps_dovecot_head_take(struct ps_slice tag, struct ps_slice message, struct ps_event *ev,
                          struct ps_dovecot_head *ret)
{
    bool own_log = tag.p == message.p;
    if (!own_log && !ps_slice_starts(tag, PS_SLICE("dovecot")))
        return false;
    struct ps_slice service = {message.p, service_length(message)}, identity = {0}, rest;
    if (service.n == 0 || service.n == message.n)
        return false;
    struct tail tail = {0};
    bool ambiguous = false;
    if (message.p[service.n] == '(') {
        size_t end = close_find(message, service.n, false, &tail);
        if (end == message.n)
            return false;
        identity = (struct ps_slice){message.p + service.n + 1, end - service.n - 1};
        rest = ps_slice_after(message, end + 1 + tail.n);
        struct tail other;
        ambiguous = close_find(rest, 0, true, &other) < rest.n;
    } else if (tail_scan(ps_slice_after(message, service.n), &tail) && tail.n == 2) {
        rest = ps_slice_after(message, service.n + 2);
    } else {
        return false;
    }
    size_t level = level_find(rest);
    if (level == LEVEL_NONE) {
        if (own_log)
            return false;
        level = LEVEL_INFO;
    } else {
        rest = ps_slice_after(rest, levels[level].prefix.n);
    }

    (void)ps_event_put(ev, PS_F_INSTANCE, own_log ? rules_other : tag);
    (void)ps_event_put(ev, PS_F_PROGRAM, service);
    if (tail.pid.n == 0 && tail.session.n == 0 && identity.n && digits_length(identity) == identity.n)
        tail.pid = identity;
    else
        identity_put(identity, tail.pid.n && tail.session.n, ambiguous, ev);
    if (tail.pid.n)
        (void)ps_event_set(ev, PS_F_PID, tail.pid);
    if (tail.session.n && !ambiguous)
        (void)ps_event_put(ev, PS_F_LOGIN_SESSION, tail.session);
    (void)ps_event_put(ev, PS_F_SEVERITY, levels[level].severity);

    ret->severity = levels[level].index;
    ret->rules = rules_of(service);
    if (level == LEVEL_DEBUG)
        ret->rules = rules_debug;
    else if (ps_slice_equal(ret->rules, rules_auth))
        rest = auth_text_take(rest, ev, &ret->rules);
    ret->text = rest;
    return true;
}
