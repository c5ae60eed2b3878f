#include "model/fields.h"

const struct ps_field_info ps_field_infos[PS_FIELD_COUNT] = {
#define PS_FIELD(id, native, type_, privacy_, ecs_, gim_, grok_, doc_)                                                 \
    [PS_F_##id] = {.name = {native, sizeof(native) - 1},                                                               \
                   .type = PS_TYPE_##type_,                                                                            \
                   .privacy = PS_PRIVACY_##privacy_,                                                                   \
                   .ecs = ecs_,                                                                                        \
                   .gim = gim_,                                                                                        \
                   .grok = grok_,                                                                                      \
                   .doc = doc_},
#include "postship/fields.def"
#undef PS_FIELD
};

const struct ps_kind_info ps_kind_infos[PS_KIND_COUNT] = {
#define PS_KIND(id, name_, area_, doc_) [PS_K_##id] = {.name = {name_, sizeof(name_) - 1}, .area = #area_, .doc = doc_},
#include "postship/kinds.def"
#undef PS_KIND
};

bool ps_field_find(struct ps_slice name, enum ps_field *ret)
{
    for (int i = 0; i < PS_FIELD_COUNT; i++)
        if (ps_slice_equal(ps_field_infos[i].name, name)) {
            *ret = (enum ps_field)i;
            return true;
        }
    return false;
}

bool ps_kind_find(struct ps_slice name, enum ps_kind *ret)
{
    for (int i = 0; i < PS_KIND_COUNT; i++)
        if (ps_slice_equal(ps_kind_infos[i].name, name)) {
            *ret = (enum ps_kind)i;
            return true;
        }
    return false;
}

const char *ps_field_name(enum ps_field field)
{
    return ps_field_infos[field].name.p;
}

const char *ps_kind_name(enum ps_kind kind)
{
    return ps_kind_infos[kind].name.p;
}
