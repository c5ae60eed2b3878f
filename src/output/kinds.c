#include "output/file.h"
#include "output/output.h"
#ifdef PS_WITH_KAFKA
#include "output/kafka.h"
#endif

const struct ps_output_ops *const ps_output_kinds[] = {
    &ps_output_file,
#ifdef PS_WITH_KAFKA
    &ps_output_kafka,
#endif
    NULL,
};
