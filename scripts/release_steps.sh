# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts/release_*.sh: what every kind of data does once its samples are made.
#
# Environment: NAME, VERSION, LICENSE, CREATOR, URL say what the release is; FORMAT, SHARD_SIZE, SPLITS how it is cut; CYCLES of how
# many samples the truth is computed anew at the end; DEPTHBENCH the command.
DEPTHBENCH=${DEPTHBENCH:-depthbench}

# release_and_verify WORK DEFAULT_NAME: WORK/made becomes WORK/release, which is checked.
release_and_verify() {
    $DEPTHBENCH release "$1/made" --out "$1/release" \
        --name "${NAME:-$2}" --version "${VERSION:-1.0}" --license "${LICENSE:-CC-BY-4.0}" \
        --creator "${CREATOR:-the depthbench users}" --url "${URL:-https://example.org/${NAME:-$2}}" \
        --format "${FORMAT:-tar}" --shard-size "${SHARD_SIZE:-1GB}" --splits "${SPLITS:-train=0.9,val=0.05,test=0.05}"
    $DEPTHBENCH verify "$1/release" --cycles "${CYCLES:-2}"
}
