#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

// Swift does not import macros made of several parts.
static const int firetower_evp_pkey_public_key = EVP_PKEY_PUBLIC_KEY;
static const int firetower_evp_pkey_keypair = EVP_PKEY_KEYPAIR;
