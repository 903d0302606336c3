#!/usr/bin/env bash
# Makes the certificates of the tests anew, with OpenSSL 3. They are throw-away: nobody trusts them, and nothing uses them
# but the tests. The password of all of them is "password".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
rm -f ./*.pem ./*.pfx

certify() { # key name
    openssl req -x509 -new -key "$1.key" -subj "/CN=azs-registration tests $1" -days 36500 -out "$1.crt"
}
rsa() { # name, bits
    openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" -out "$1.key"
    certify "$1"
}

rsa rsa-2048 2048
rsa rsa-4096 4096
rsa rsa-1024 1024
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.key
certify ec
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out expired.key
openssl req -new -key expired.key -subj "/CN=azs-registration tests expired" -out expired.csr
folder=$(mktemp -d)
touch "$folder/index"
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index\nnew_certs_dir=%s\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' \
    "$folder" "$folder" > "$folder/ca.cnf"
openssl ca -batch -notext -selfsign -config "$folder/ca.cnf" -keyfile expired.key -in expired.csr \
    -startdate 20200101000000Z -enddate 20210101000000Z -out expired.crt
rm -r "$folder"

for name in rsa-2048 rsa-4096 rsa-1024 ec expired; do cat "$name.key" "$name.crt" > "$name.pem"; done
cp rsa-2048.crt certificate-alone.pem
cp rsa-2048.key key-alone.pem
cat rsa-2048.key rsa-4096.crt > another-key.pem
{ cat rsa-2048.crt; openssl pkcs8 -topk8 -in rsa-2048.key -passout pass:password; } > encrypted.pem
{ cat rsa-2048.crt; openssl rsa -traditional -in rsa-2048.key; } > pkcs1.pem
{ cat rsa-2048.crt; openssl rsa -traditional -aes128 -passout pass:password -in rsa-2048.key; } > old-encrypted.pem
openssl pkcs12 -export -in rsa-2048.crt -inkey rsa-2048.key -name tests -passout pass:password -out modern.pfx
openssl pkcs12 -export -legacy -in rsa-2048.crt -inkey rsa-2048.key -name tests -passout pass:password -out legacy.pfx
openssl pkcs12 -export -nokeys -in rsa-2048.crt -passout pass:password -out without-key.pfx
rm -f ./*.key ./*.crt ./*.csr
