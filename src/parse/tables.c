#include "parse/tables.h"

/* The order of the tables is the order in which a program's rules are tried: the last ones take whatever a program of
 * Postfix prints that no rule above is for, the most general at the end. */
const struct ps_rule_table *const ps_rule_tables[] = {
    &ps_rules_smtpd,
    &ps_rules_smtpd_warning,
    &ps_rules_service,
    &ps_rules_tls_server,
    &ps_rules_tls_client,
    &ps_rules_tls_server_verify,
    &ps_rules_tls_client_verify,
    &ps_rules_tls_library,
    &ps_rules_cleanup,
    &ps_rules_checks,
    &ps_rules_postscreen,
    &ps_rules_dnsblog,
    &ps_rules_tlsproxy,
    &ps_rules_pickup,
    &ps_rules_qmgr,
    &ps_rules_bounce,
    &ps_rules_verify,
    &ps_rules_scache,
    &ps_rules_client,
    &ps_rules_agent,
    &ps_rules_delivery,
    &ps_rules_anvil,
    &ps_rules_opendkim,
    &ps_rules_opendmarc,
    &ps_rules_postgrey,
    &ps_rules_policyd_spf,
    &ps_rules_policy_spf,
    &ps_rules_postsrsd,
    &ps_rules_amavis,
    &ps_rules_rspamd,
    &ps_rules_spamd,
    &ps_rules_clamav,
    &ps_rules_saslauthd,
    &ps_rules_master,
    &ps_rules_script,
    &ps_rules_postfix,
    &ps_rules_postsuper,
    &ps_rules_submission,
    &ps_rules_postmap,
    &ps_rules_tlsmgr,
    &ps_rules_qmqpd,
    &ps_rules_said,
    &ps_rules_table_error,
    &ps_rules_config_error,
    &ps_rules_debug,
    &ps_rules_severity,
};
const size_t ps_rule_tables_n = PS_COUNT(ps_rule_tables);

const struct ps_rule_list *const ps_rule_lists[] = {
    &ps_list_sasl,     &ps_list_session, &ps_list_screen, &ps_list_envelope, &ps_list_commands,
    &ps_list_delivery, &ps_list_amavis,  &ps_list_rspamd, &ps_list_spamd,    &ps_list_tls,
};
const size_t ps_rule_lists_n = PS_COUNT(ps_rule_lists);
