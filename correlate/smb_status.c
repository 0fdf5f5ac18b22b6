/* SPDX-License-Identifier: MIT */
/*
 * smb_status.c - what the status of a response says.
 */
#include "correlate/smb_operations.h"

/* Classes of errors of DOS; the codes of each have their own meaning. */
enum { CLASS_DOS = 0x01, CLASS_SERVER = 0x02, CLASS_HARDWARE = 0x03, CLASS_COMMAND = 0xFF };

struct dos_row {
    uint8_t class;
    uint16_t code;
    const char *name;
};

/* [documented: MS-CIFS 2.2.2.4] */
static const struct dos_row dos_rows[] = {
    {CLASS_DOS, 1, "ERRBADFUNC"},
    {CLASS_DOS, 2, "ERRBADFILE"},
    {CLASS_DOS, 3, "ERRBADPATH"},
    {CLASS_DOS, 4, "ERRNOFIDS"},
    {CLASS_DOS, 5, "ERRNOACCESS"},
    {CLASS_DOS, 6, "ERRBADFID"},
    {CLASS_DOS, 7, "ERRBADMCB"},
    {CLASS_DOS, 8, "ERRNOMEM"},
    {CLASS_DOS, 9, "ERRBADMEM"},
    {CLASS_DOS, 10, "ERRBADENV"},
    {CLASS_DOS, 11, "ERRBADFORMAT"},
    {CLASS_DOS, 12, "ERRBADACCESS"},
    {CLASS_DOS, 13, "ERRBADDATA"},
    {CLASS_DOS, 15, "ERRBADDRIVE"},
    {CLASS_DOS, 16, "ERRREMCD"},
    {CLASS_DOS, 17, "ERRDIFFDEVICE"},
    {CLASS_DOS, 18, "ERRNOFILES"},
    {CLASS_DOS, 31, "ERRGENERAL"},
    {CLASS_DOS, 32, "ERRBADSHARE"},
    {CLASS_DOS, 33, "ERRLOCK"},
    {CLASS_DOS, 38, "ERREOF"},
    {CLASS_DOS, 50, "ERRUNSUP"},
    {CLASS_DOS, 80, "ERRFILEXISTS"},
    {CLASS_DOS, 87, "ERRINVALIDPARAM"},
    {CLASS_DOS, 124, "ERRUNKNOWNLEVEL"},
    {CLASS_DOS, 230, "ERRBADPIPE"},
    {CLASS_DOS, 231, "ERRPIPEBUSY"},
    {CLASS_DOS, 232, "ERRPIPECLOSING"},
    {CLASS_DOS, 233, "ERRNOTCONNECTED"},
    {CLASS_DOS, 234, "ERRMOREDATA"},
    {CLASS_SERVER, 1, "ERRERROR"},
    {CLASS_SERVER, 2, "ERRBADPW"},
    {CLASS_SERVER, 3, "ERRBADPATH"},
    {CLASS_SERVER, 4, "ERRACCESS"},
    {CLASS_SERVER, 5, "ERRINVTID"},
    {CLASS_SERVER, 6, "ERRINVNETNAME"},
    {CLASS_SERVER, 7, "ERRINVDEVICE"},
    {CLASS_SERVER, 22, "ERRBADCMD"},
    {CLASS_SERVER, 49, "ERRQFULL"},
    {CLASS_SERVER, 50, "ERRQTOOBIG"},
    {CLASS_SERVER, 51, "ERRQEOF"},
    {CLASS_SERVER, 52, "ERRINVPFID"},
    {CLASS_SERVER, 64, "ERRSMBCMD"},
    {CLASS_SERVER, 65, "ERRSRVERROR"},
    {CLASS_SERVER, 67, "ERRFILESPECS"},
    {CLASS_SERVER, 69, "ERRBADPERMITS"},
    {CLASS_SERVER, 71, "ERRSETATTRMODE"},
    {CLASS_SERVER, 81, "ERRTIMEOUT"},
    {CLASS_SERVER, 82, "ERRNORESOURCE"},
    {CLASS_SERVER, 83, "ERRTOOMANYUIDS"},
    {CLASS_SERVER, 91, "ERRBADUID"},
    {CLASS_SERVER, 250, "ERRUSEMPX"},
    {CLASS_SERVER, 251, "ERRUSESTD"},
    {CLASS_SERVER, 252, "ERRCONTMPX"},
    {CLASS_SERVER, 2239, "ERRACCOUNTEXPIRED"},
    {CLASS_SERVER, 2240, "ERRBADCLIENT"},
    {CLASS_SERVER, 2241, "ERRBADLOGONTIME"},
    {CLASS_SERVER, 2242, "ERRPASSWORDEXPIRED"},
    {CLASS_SERVER, 0xFFFF, "ERRNOSUPPORT"},
    {CLASS_HARDWARE, 19, "ERRNOWRITE"},
    {CLASS_HARDWARE, 20, "ERRBADUNIT"},
    {CLASS_HARDWARE, 21, "ERRNOTREADY"},
    {CLASS_HARDWARE, 22, "ERRBADCMD"},
    {CLASS_HARDWARE, 23, "ERRDATA"},
    {CLASS_HARDWARE, 24, "ERRBADREQ"},
    {CLASS_HARDWARE, 25, "ERRSEEK"},
    {CLASS_HARDWARE, 26, "ERRBADMEDIA"},
    {CLASS_HARDWARE, 27, "ERRBADSECTOR"},
    {CLASS_HARDWARE, 28, "ERRNOPAPER"},
    {CLASS_HARDWARE, 29, "ERRWRITE"},
    {CLASS_HARDWARE, 30, "ERRREAD"},
    {CLASS_HARDWARE, 31, "ERRGENERAL"},
    {CLASS_HARDWARE, 32, "ERRBADSHARE"},
    {CLASS_HARDWARE, 33, "ERRLOCK"},
    {CLASS_HARDWARE, 34, "ERRWRONGDISK"},
    {CLASS_HARDWARE, 35, "ERRFCBUNAVAIL"},
    {CLASS_HARDWARE, 36, "ERRSHAREBUFEXC"},
    {CLASS_HARDWARE, 39, "ERRDISKFULL"},
};

/* They look like failures, and are none. */
static const uint32_t no_failures[] = {
    0xC0000016u,            /* STATUS_MORE_PROCESSING_REQUIRED */
    0xC0000011u,            /* STATUS_END_OF_FILE */
    18u << 16 | CLASS_DOS,  /* no more files */
    38u << 16 | CLASS_DOS,  /* end of file */
    234u << 16 | CLASS_DOS, /* more data */
};

bool corr_smb_is_dos_error(uint32_t status)
{
    uint32_t class = status & 0xFFFF;
    bool is_class = (class >= CLASS_DOS && class <= CLASS_HARDWARE) || class == CLASS_COMMAND;
    return is_class && status >> 16 != 0;
}

const char *corr_smb_dos_error_name(uint32_t status)
{
    for (size_t i = 0; i < sizeof(dos_rows) / sizeof(dos_rows[0]); i++) {
        if (((uint32_t)dos_rows[i].code << 16 | dos_rows[i].class) == status) {
            return dos_rows[i].name;
        }
    }
    return NULL;
}

bool corr_smb_is_failure(uint32_t status)
{
    for (size_t i = 0; i < sizeof(no_failures) / sizeof(no_failures[0]); i++) {
        if (status == no_failures[i]) {
            return false;
        }
    }
    return status >> 30 == 3 || corr_smb_is_dos_error(status);
}
