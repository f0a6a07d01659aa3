"""What each job runs: the whole of it, in order."""

#: How Pulumi ends, whether well or not.
UP_SAID = "Resources:\n    2 unchanged\n\nDuration: 3s\n"
_UP = (
    "pulumi up --stack {stack} --yes --skip-preview --non-interactive --color never"
    " --parallel 32 --continue-on-error"
)
_CONTRACT = "pulumi stack output contract --json --stack {stack}"
_SWEEP = ["ops sweep --stack {stack} --run github-{stack} --yes"]
_CLOUDS = ["setup --only clouds --pinned"]
#: Job -> the stack in its words, and all programs that it runs, in order.
RUNS: dict[str, tuple[str, list[str]]] = {
    "test/check": ("", ["make check"]),
    # A hosted runner has /dev/kvm, which its account may not open (lima-vm/lima#4162).
    "test/test": (
        "",
        [
            "sudo chmod a+rw /dev/kvm",
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
            "make test",
        ],
    ),
    "test/preview": (
        "staging",
        [*_CLOUDS, "pulumi preview --stack {stack} --diff --non-interactive --color never"],
    ),
    "test/comment": (
        "",
        ["gh pr comment 34 --edit-last --create-if-none --body-file preview.md"],
    ),
    "test/preview-simulated": ("", ["setup --only clouds", "preview-simulated"]),
    "staging/up": (
        "stgn-12",
        [
            *_CLOUDS,
            "pulumi stack select {stack} --create"
            " --secrets-provider awskms://alias/images?region=eu-west-1 --non-interactive",
            _UP,
            _CONTRACT,
            "ops check contract.json",
            *_SWEEP,
        ],
    ),
    "expire/destroy": (
        "",
        [
            *_CLOUDS,
            "pulumi stack ls --json",
            "pulumi destroy --stack stgn-1 --yes --non-interactive --skip-preview",
            "ops sweep --stack stgn-1 --run github-stgn-1 --yes",
            "ops unpublish --stack stgn-1 --yes",
            "pulumi stack rm --stack stgn-1 --yes --non-interactive",
            "ops sweep --stack staging --stack prod --yes",
        ],
    ),
    "sweep/sweep": (
        "",
        [
            *_CLOUDS,
            "ops sweep --stack staging --stack prod",
            "ops list --stack staging --stack prod",
        ],
    ),
    "prod/plan": (
        "prod",
        [
            *_CLOUDS,
            "pulumi preview --stack {stack} --diff --non-interactive --color never",
            "ops tested --stack prod --exit-code",
            "ops quota --stack prod",
            "ops cost --stack prod --max 400",
        ],
    ),
    "prod/up": ("prod", [*_CLOUDS, _UP, _CONTRACT, _CONTRACT, *_SWEEP]),
    "prod/check": (
        "",
        [
            *_CLOUDS,
            "ops check release/contract.json --release 0.15 --allow-review",
            "gh run list --workflow prod.yml --branch main --json databaseId,displayTitle"
            " --limit 100",
            "ops fetch release/contract.json --stack prod --out release --also {temp}/earlier",
        ],
    ),
    "prod/catalog": (
        "",
        [
            *_CLOUDS,
            "ops publish --stack prod release/contract.json --records release --sboms release",
        ],
    ),
    "prod/release": (
        "",
        [
            "setup --only python",
            "gh release list --exclude-drafts --limit 100 --json tagName --jq .[].tagName",
            "gh release download vm-0.14 --pattern contract.json --dir {earlier}",
            "gh release download vm-0.14 --pattern *.spdx.json.gz --dir {earlier}",
            "ops diff {earlier}/contract.json:0.14 release/contract.json:0.15 --markdown",
            "ops catalog release/contract.json --records release --sboms release --out release",
            "gh api --silent repos/dstackai/dstack-images/git/ref/tags/vm-0.15",
            "gh api repos/dstackai/dstack-images/git/refs -f ref=refs/tags/vm-0.15"
            " -f sha=0123abcd --silent",
            "gh release view vm-0.15",
            "gh release create vm-0.15 release/bakes.sha256 release/contract.json"
            " release/contract.schema.json release/dstack-bake-cpu-aaaaaaaaaaaa.json"
            " release/dstack-bake-cpu-aaaaaaaaaaaa.spdx.json.gz release/notes.md --verify-tag"
            " --title VM images 0.15"
            " --notes-file release/notes.md",
        ],
    ),
    "use-vm-images/pull-request": (
        "",
        [
            "gh release download vm-0.15 --repo dstackai/dstack-images --dir {temp}/images",
            *(
                f"gh attestation verify {{temp}}/images/{file} --repo dstackai/dstack-images"
                " --signer-workflow dstackai/dstack-images/.github/workflows/prod.yml"
                for file in ("contract.json", "notes.md")
            ),
            "pipx run check-jsonschema==0.39.0 --schemafile contract.schema.json contract.json",
            "git diff --quiet",
            "gh pr list --head vm-images-0.15 --json isCrossRepository"
            " --jq map(select(.isCrossRepository | not)) | length",
            "git switch --create vm-images-0.15",
            "git -c user.name=github-actions"
            " -c user.email=github-actions@users.noreply.github.com"
            " commit --all --message Use VM images 0.15",
            "git push --force origin vm-images-0.15",
            "gh pr create --head vm-images-0.15 --title Use VM images 0.15"
            " --body-file {temp}/images/notes.md",
        ],
    ),
}
