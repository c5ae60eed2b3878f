/* kadmin BROKER create TOPIC PARTITIONS [key=value]...   make a topic
 * kadmin BROKER allow TOPIC USER                          let USER write to TOPIC
 * kadmin BROKER revoke TOPIC USER                         take back what `allow` gave
 * Prints what the broker said; exit 0 only on success. BROKER is kafka-up's KAFKA_PLAINTEXT.
 * cc -O2 -Wall -o kadmin kadmin.c -lrdkafka */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char err[512];

static void die(const char *what)
{
    fprintf(stderr, "kadmin: %s\n", what);
    exit(2);
}

static rd_kafka_event_t *answer(rd_kafka_queue_t *q)
{
    rd_kafka_event_t *ev = rd_kafka_queue_poll(q, 15000);
    if (!ev)
        die("no answer within 15 s");
    if (rd_kafka_event_error(ev))
        die(rd_kafka_event_error_string(ev));
    return ev;
}

static int create(rd_kafka_t *rk, rd_kafka_queue_t *q, int argc, char **argv)
{
    char *end;
    long partitions = strtol(argv[1], &end, 10);
    if (*end || partitions < 1 || partitions > 1000)
        die("expected a number of partitions, 1 to 1000");
    rd_kafka_NewTopic_t *t = rd_kafka_NewTopic_new(argv[0], (int)partitions, 1, err, sizeof err);
    if (!t)
        die(err);
    for (int i = 2; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (!value)
            die("expected key=value");
        *value++ = 0;
        rd_kafka_NewTopic_set_config(t, argv[i], value);
    }
    rd_kafka_CreateTopics(rk, &t, 1, NULL, q);
    rd_kafka_event_t *ev = answer(q);
    size_t n;
    const rd_kafka_topic_result_t *r = *rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(ev), &n);
    rd_kafka_resp_err_t e = rd_kafka_topic_result_error(r);
    printf("%s\n", e ? rd_kafka_topic_result_error_string(r) : "created");
    rd_kafka_event_destroy(ev);
    rd_kafka_NewTopic_destroy(t);
    return e != RD_KAFKA_RESP_ERR_NO_ERROR;
}

static int acl(rd_kafka_t *rk, rd_kafka_queue_t *q, int revoke, const char *topic, const char *user)
{
    char who[256];
    snprintf(who, sizeof who, "User:%s", user);
    rd_kafka_AclBinding_t *a = (revoke ? rd_kafka_AclBindingFilter_new : rd_kafka_AclBinding_new)(
        RD_KAFKA_RESOURCE_TOPIC, topic, RD_KAFKA_RESOURCE_PATTERN_LITERAL, who, "*", RD_KAFKA_ACL_OPERATION_WRITE,
        RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, err, sizeof err);
    if (!a)
        die(err);
    (revoke ? rd_kafka_DeleteAcls : rd_kafka_CreateAcls)(rk, &a, 1, NULL, q);
    rd_kafka_event_t *ev = answer(q);
    size_t n, removed = 1;
    const rd_kafka_error_t *e;
    if (revoke) {
        const rd_kafka_DeleteAcls_result_response_t *r =
            *rd_kafka_DeleteAcls_result_responses(rd_kafka_event_DeleteAcls_result(ev), &n);
        e = rd_kafka_DeleteAcls_result_response_error(r);
        rd_kafka_DeleteAcls_result_response_matching_acls(r, &removed);
    } else {
        e = rd_kafka_acl_result_error(*rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(ev), &n));
    }
    int failed = e || !removed;
    printf("%s\n", e ? rd_kafka_error_string(e) : !removed ? "nothing to revoke" : revoke ? "revoked" : "allowed");
    rd_kafka_event_destroy(ev);
    rd_kafka_AclBinding_destroy(a);
    return failed;
}

int main(int argc, char **argv)
{
    if (argc < 5)
        die("usage: kadmin BROKER create TOPIC PARTITIONS [key=value]... | allow TOPIC USER | revoke TOPIC USER");
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (rd_kafka_conf_set(conf, "bootstrap.servers", argv[1], err, sizeof err))
        die(err);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, err, sizeof err);
    if (!rk)
        die(err);
    rd_kafka_queue_t *q = rd_kafka_queue_new(rk);
    int rc = 2;
    if (!strcmp(argv[2], "create"))
        rc = create(rk, q, argc - 3, argv + 3);
    else if (!strcmp(argv[2], "allow") || !strcmp(argv[2], "revoke"))
        rc = acl(rk, q, argv[2][0] == 'r', argv[3], argv[4]);
    else
        fprintf(stderr, "kadmin: unknown command %s\n", argv[2]);
    rd_kafka_queue_destroy(q);
    rd_kafka_destroy(rk);
    return rc;
}
