#include "parse/tables.h"

const struct ps_rule_table *const ps_rule_tables[] = {
    &ps_rules_smtpd,          &ps_rules_cleanup,      &ps_rules_qmgr,           &ps_rules_delivery,
    &ps_rules_anvil,          &ps_rules_said,         &ps_rules_dovecot_login,  &ps_rules_dovecot_request,
    &ps_rules_dovecot_lookup, &ps_rules_dovecot_mail, &ps_rules_dovecot_master, &ps_rules_dovecot_levels,
    &ps_rules_dovecot_debug,
};
const size_t ps_rule_tables_n = PS_COUNT(ps_rule_tables);

const struct ps_rule_list *const ps_rule_lists[] = {
    &ps_list_sasl, &ps_list_session, &ps_list_commands, &ps_list_delivery, &ps_list_login, &ps_list_imap,
};
const size_t ps_rule_lists_n = PS_COUNT(ps_rule_lists);
