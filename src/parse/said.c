#include "parse/tables.h"

/* What stands in the brackets of a delivery: who said what, at which stage. Kinds are not used. */
static const struct ps_rule rules[] = {
    /* smtp/smtp_proto.c, smtp_trouble.c */
    {PS_K_DELIVERY, "host {responder} said: {response:reply} (in reply to {smtp_stage:text} command)"},
    {PS_K_DELIVERY, "host {responder} said: {response:reply} (in reply to {smtp_stage:text})"},
    {PS_K_DELIVERY, "host {responder} refused to talk to me: {response:reply}"},
    /* the reply of a server that took it */
    {PS_K_DELIVERY, "{response:reply}"},
};

const struct ps_rule_table ps_rules_said = {"said", rules, PS_COUNT(rules)};
