#include "model/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/util.h"

enum { NAME_MAX_LEN = 96, DOC_MAX_LEN = 120 };

/* Fields that no event has together, so that they may share a name. */
static const struct {
    enum ps_field a, b;
    const char *why;
} never_together[] = {
    {PS_F_SASL_USERNAME, PS_F_LOGIN_USER, "Postfix's AUTH; a login at Dovecot"},
    {PS_F_PROTO, PS_F_LOGIN_PROTOCOL, "Postfix's SMTP session; a login at Dovecot"},
};

static bool may_share(size_t a, size_t b, bool used[PS_COUNT(never_together)])
{
    for (size_t i = 0; i < PS_COUNT(never_together); i++)
        if ((never_together[i].a == a && never_together[i].b == b) ||
            (never_together[i].a == b && never_together[i].b == a)) {
            used[i] = true;
            return true;
        }
    return false;
}

/* The name that a field has in each schema: its own there, else one that follows from the native name. */
static const char *native_name(const struct ps_field_info *f, char buf[NAME_MAX_LEN])
{
    (void)buf;
    return f->name.p;
}

static const char *ecs_name(const struct ps_field_info *f, char buf[NAME_MAX_LEN])
{
    if (f->ecs)
        return f->ecs;
    (void)snprintf(buf, NAME_MAX_LEN, "postfix.%s", f->name.p);
    return buf;
}

static const char *gim_name(const struct ps_field_info *f, char buf[NAME_MAX_LEN])
{
    (void)buf;
    return f->gim ? f->gim : f->name.p;
}

static const char *grok_name(const struct ps_field_info *f, char buf[NAME_MAX_LEN])
{
    (void)buf;
    return f->grok ? f->grok : f->name.p;
}

static const struct {
    const char *schema;
    const char *(*name)(const struct ps_field_info *f, char buf[NAME_MAX_LEN]);
} schemas[] = {{"native", native_name}, {"ECS", ecs_name}, {"GIM", gim_name}, {"grok", grok_name}};

/* ECS is nested: a value at "a.b" and an object "a.b.…" exclude each other too. */
static bool is_inside(const char *outer, const char *name)
{
    size_t n = strlen(outer);
    return strncmp(outer, name, n) == 0 && name[n] == '.';
}

static void no_two_fields_of_an_event_share_a_name(void **state)
{
    (void)state;
    bool used[PS_COUNT(never_together)] = {false};
    for (size_t s = 0; s < PS_COUNT(schemas); s++)
        for (size_t a = 0; a < PS_FIELD_COUNT; a++)
            for (size_t b = 0; b < PS_FIELD_COUNT; b++) {
                char buf_a[NAME_MAX_LEN], buf_b[NAME_MAX_LEN];
                const char *name_a = schemas[s].name(&ps_field_infos[a], buf_a);
                const char *name_b = schemas[s].name(&ps_field_infos[b], buf_b);
                if (is_inside(name_a, name_b))
                    fail_msg("%s: %s lies inside %s", schemas[s].schema, name_b, name_a);
                if (a < b && strcmp(name_a, name_b) == 0 && !may_share(a, b, used))
                    fail_msg("%s: %s and %s are both %s", schemas[s].schema, ps_field_infos[a].name.p,
                             ps_field_infos[b].name.p, name_a);
            }
    for (size_t i = 0; i < PS_COUNT(never_together); i++)
        if (!used[i])
            fail_msg("%s and %s share no name: drop their row", ps_field_infos[never_together[i].a].name.p,
                     ps_field_infos[never_together[i].b].name.p);
}

/* GELF has places of its own for these and forbids them as additional fields. */
static void only_the_envelope_has_names_that_gelf_reserves(void **state)
{
    (void)state;
    static const char *const reserved[] = {"id", "timestamp", "host", "source", "message"};
    for (size_t f = 0; f < PS_FIELD_COUNT; f++) {
        if (f == PS_F_TIMESTAMP || f == PS_F_HOST || f == PS_F_MESSAGE)
            continue;
        for (size_t i = 0; i < PS_COUNT(reserved); i++)
            for (size_t s = 0; s < PS_COUNT(schemas); s++) {
                char buf[NAME_MAX_LEN];
                assert_string_not_equal(schemas[s].name(&ps_field_infos[f], buf), reserved[i]);
            }
    }
}

static void assert_snake_case(struct ps_slice name)
{
    assert_true(name.n > 0 && strlen(name.p) == name.n);
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool letter = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
        bool joint = c == '_' && i > 0 && i + 1 < name.n && name.p[i - 1] != '_';
        if (!letter && !joint && !(digit && i > 0))
            fail_msg("%s is not snake_case", name.p);
    }
}

/* One line, a sentence without its full stop. */
static void assert_doc(const char *name, const char *doc)
{
    size_t n = doc ? strlen(doc) : 0;
    if (n < 10 || n > DOC_MAX_LEN || strchr(doc, '\n') || doc[0] == ' ' || doc[n - 1] == ' ' || doc[n - 1] == '.')
        fail_msg("%s: bad doc '%s'", name, doc ? doc : "");
}

static void each_field_is_described_and_found(void **state)
{
    (void)state;
    for (size_t f = 0; f < PS_FIELD_COUNT; f++) {
        const struct ps_field_info *info = &ps_field_infos[f];
        assert_snake_case(info->name);
        assert_doc(info->name.p, info->doc);
        enum ps_field found = PS_FIELD_COUNT;
        assert_true(ps_field_find(info->name, &found));
        assert_int_equal(found, f); /* so no two have one name */
        assert_string_equal(ps_field_name((enum ps_field)f), info->name.p);
        /* an address is a whole document's fate: it has the one type that checks it, and a token to go with it */
        assert_true((info->type != PS_TYPE_IP) || info->privacy == PS_PRIVACY_IP || f == PS_F_SERVER_IP);
        if (info->type == PS_TYPE_IP) {
            char token[NAME_MAX_LEN];
            (void)snprintf(token, sizeof token, "%s_token", info->name.p);
            assert_true(ps_field_find(ps_slice_from_str(token), &found));
            assert_int_equal(ps_field_infos[found].privacy, PS_PRIVACY_PUBLIC);
        }
        assert_true(info->privacy != PS_PRIVACY_IP || info->type == PS_TYPE_IP);
        assert_true(info->type != PS_TYPE_TEXT || info->privacy == PS_PRIVACY_TEXT);
    }
}

static void each_kind_is_described_and_found(void **state)
{
    (void)state;
    for (size_t k = 0; k < PS_KIND_COUNT; k++) {
        const struct ps_kind_info *info = &ps_kind_infos[k];
        assert_snake_case(info->name);
        assert_doc(info->name.p, info->doc);
        assert_true(info->area[0] != '\0');
        enum ps_kind found = PS_KIND_COUNT;
        assert_true(ps_kind_find(info->name, &found));
        assert_int_equal(found, k);
        assert_string_equal(ps_kind_name((enum ps_kind)k), info->name.p);
    }
}

static void other_names_are_not_found(void **state)
{
    (void)state;
    static const struct ps_slice rows[] = {
        {NULL, 0}, {"FROM", 4}, {"fro", 3}, {"from ", 5}, {"from\0", 5}, {"postfix_from", 12}, {"connec", 6},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        enum ps_field field = PS_FIELD_COUNT;
        enum ps_kind kind = PS_KIND_COUNT;
        assert_false(ps_field_find(rows[i], &field));
        assert_false(ps_kind_find(rows[i], &kind));
        assert_int_equal(field, PS_FIELD_COUNT);
        assert_int_equal(kind, PS_KIND_COUNT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_two_fields_of_an_event_share_a_name),
        cmocka_unit_test(only_the_envelope_has_names_that_gelf_reserves),
        cmocka_unit_test(each_field_is_described_and_found),
        cmocka_unit_test(each_kind_is_described_and_found),
        cmocka_unit_test(other_names_are_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
