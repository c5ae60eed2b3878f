#include "parse/tables.h"

/* Troubles with the services that smtpd and cleanup ask about a mail. A service's name is the administrator's. */
static const struct ps_rule rules[] = {
    /* milter/milter8.c */
    {PS_K_CONNECT_FAILED, "warning: connect to Milter service {milter_name:first}: {reason:text}"},
    {PS_K_WARNING, "warning: milter {milter_name:first}: {reason:text}"},
    /* util/attr_clnt.c, util/attr_scan_plain.c: policy services */
    {PS_K_WARNING, "warning: problem talking to server {relay:first}: {reason:text}"},
    {PS_K_WARNING, "warning: missing {reason:first} in input from {relay:token}"},
    {PS_K_WARNING, "warning: duplicate {reason:first} in input from {relay:token}"},
};

const struct ps_rule_table ps_rules_service = {"smtpd cleanup", rules, PS_COUNT(rules)};
