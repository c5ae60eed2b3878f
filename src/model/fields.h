/* What include/postship/fields.def and kinds.def say, as tables. */
#pragma once

#include <stdbool.h>

#include "postship/postship.h"

enum ps_field_type {
    PS_TYPE_KEYWORD,
    PS_TYPE_TEXT,
    PS_TYPE_INT,
    PS_TYPE_FLOAT,
    PS_TYPE_BOOL,
    PS_TYPE_IP,
    PS_TYPE_TIME,
    PS_TYPE_LIST
};

enum ps_privacy {
    PS_PRIVACY_PUBLIC,
    PS_PRIVACY_ADDRESS,
    PS_PRIVACY_DOMAIN,
    PS_PRIVACY_IP,
    PS_PRIVACY_HOST,
    PS_PRIVACY_USER,
    PS_PRIVACY_MSGID,
    PS_PRIVACY_PATH,
    PS_PRIVACY_TEXT,
    PS_PRIVACY_CLOSED
};

struct ps_field_info {
    struct ps_slice name; /* native */
    enum ps_field_type type;
    enum ps_privacy privacy;
    const char *ecs, *gim, *grok; /* NULL: none of its own */
    const char *doc;
};

struct ps_kind_info {
    struct ps_slice name;
    const char *area;
    const char *doc;
};

extern const struct ps_field_info ps_field_infos[PS_FIELD_COUNT];
extern const struct ps_kind_info ps_kind_infos[PS_KIND_COUNT];

/* By native name; false when there is none. */
bool ps_field_find(struct ps_slice name, enum ps_field *ret);
bool ps_kind_find(struct ps_slice name, enum ps_kind *ret);
