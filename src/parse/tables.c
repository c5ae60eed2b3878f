#include "parse/tables.h"

const struct ps_rule_table *const ps_rule_tables[] = {
    &ps_rules_smtpd,  &ps_rules_cleanup,    &ps_rules_qmgr,    &ps_rules_delivery, &ps_rules_anvil,  &ps_rules_said,
    &ps_rules_checks, &ps_rules_pickup,     &ps_rules_bounce,  &ps_rules_verify,   &ps_rules_scache, &ps_rules_client,
    &ps_rules_agent,  &ps_rules_postscreen, &ps_rules_dnsblog, &ps_rules_tlsproxy, &ps_rules_rest, /* the last */
};
const size_t ps_rule_tables_n = PS_COUNT(ps_rule_tables);

const struct ps_rule_list *const ps_rule_lists[] = {
    &ps_list_sasl, &ps_list_session, &ps_list_screen, &ps_list_envelope, &ps_list_commands, &ps_list_delivery,
};
const size_t ps_rule_lists_n = PS_COUNT(ps_rule_lists);
