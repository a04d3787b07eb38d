#!/bin/bash
# Shows the main job on real programs: each step says what it does, runs it, and
# checks it against the native run.
set -uo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/bin:$PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() {
	printf '$ %s\n' "$*"
	bash -c "$*"
}
same() { # same WHAT A B
	if [ "$2" = "$3" ]; then
		echo "  -> $1: the same"
	else
		echo "  -> $1: DIFFERENT"
		failed=1
	fi
}

say "1. A shell with its pipelines, as it is on this machine"
run "emurun bash -c 'for i in 1 2 3 4; do echo \$((i * i)); done | sort -rn | tr \"\\n\" \" \"; echo'"

say "2. Real programs give what they give natively"
for cmd in "gzip -9 -c README.md | sha256sum" "bc -l <<< 'scale=40; 4*a(1)'" "awk '{ n += NF } END { print n, NR }' README.md" \
	"/usr/bin/python3 -c 'import math, hashlib; print(math.sin(1e22), hashlib.md5(b\"x\").hexdigest())'" \
	"perl -e 'print join(\",\", sort { \$a <=> \$b } map { \$_ * 7 % 11 } 1..10), \"\n\"'"; do
	name=${cmd%% *}
	command -v "$name" >/dev/null || { echo "  ($name is not installed)"; continue; }
	printf '$ emurun bash -c "%s"\n' "$cmd"
	there=$(emurun bash -c "$cmd")
	here=$(bash -c "$cmd")
	echo "$there"
	same "$name" "$there" "$here"
done

say "3. A compiler: preprocessor, compiler, assembler and linker through fork and exec"
if command -v gcc >/dev/null; then
	printf 'int main(void) { return 42; }\n' > "$work/a.c"
	run "cd $work && emurun gcc -O2 -c a.c -o emulated.o && gcc -O2 -c a.c -o native.o && ls -l emulated.o native.o"
	same "object file" "$(sha256sum < "$work/emulated.o")" "$(sha256sum < "$work/native.o")"
fi

say "4. The same seed and epoch give the same run, to the instruction"
cmd="emurun --seed 7 --epoch 2026-01-01 --stats bash -c 'echo \$RANDOM; date; head -c 8 /dev/urandom | od -An -tx1; sleep 3600'"
a=$(eval "$cmd" 2>&1)
b=$(eval "$cmd" 2>&1)
echo "$ $cmd"
echo "$a"
same "output, steps and state hash of a second run" "$a" "$b"

say "5. What a program writes is applied when it ends, as one, or dropped"
run "cd $work && emurun --discard bash -c 'echo lost > f; cat f'; ls $work/f"
run "cd $work && emurun bash -c 'echo kept > f'; cat $work/f"

say "6. What it asks of Linux"
run "emurun --strace=$work/calls cat /etc/hostname; tail -8 $work/calls"

say "7. Killed in the middle, and resumed: output and files are those of a run that nobody touched"
cat > "$work/job.sh" <<'EOF'
i=0
while [ $i -lt 6 ]; do
	j=0; while [ $j -lt 3000 ]; do j=$((j + 1)); done
	i=$((i + 1)); echo "line $i"; echo "row $i: $((i * i))" >> rows
done
EOF
mkdir "$work/whole" "$work/killed"
(cd "$work/whole" && emurun --seed 3 --epoch 0 bash ../job.sh > out)
cd "$work/killed" || exit 1
export EMURUN_STORE=$work/store
echo "$ emurun --checkpoint-every 100ms --store DIR --job demo bash job.sh > out"
emurun --seed 3 --epoch 0 --checkpoint-every 100ms --store "$EMURUN_STORE" --job demo bash ../job.sh > out &
until grep -qs 'row 2' rows; do sleep 0.02; done
{ kill -9 $! && wait $!; } 2> /dev/null
echo "$ kill -9 $!"
printf '  output %s; files %s\n' "$(tail -n 1 out)" "$(tail -n 1 rows | cut -d: -f1)"
run "emurun checkpoints"
run "emurun resume demo >> out"
printf '  output %s; files %s\n' "$(tail -n 1 out)" "$(tail -n 1 rows | cut -d: -f1)"
same "output" "$(cat out)" "$(cat ../whole/out)"
same "files" "$(cat rows)" "$(cat ../whole/rows)"
run "emurun verify --replay demo"
run "emurun inspect demo | head -3"
cd - > /dev/null || exit 1

say "8. Recorded, and done again without its input and its files"
run "cd $work && echo secret > f && echo typed | emurun record -o run.rec bash -c 'read x; echo \$x \$(cat f) \$RANDOM' > recorded; rm f; cat recorded"
run "cd $work && emurun replay run.rec | tee replayed"
same "output" "$(cat "$work/recorded")" "$(cat "$work/replayed")"

say "9. Where two runs part, in words"
run "cd $work && for i in 1 2; do emurun trace -o \$i.trc --epoch 0 --seed \$i bash -c 'exit \$((RANDOM % 2))'; done; emurun trace --diff 1.trc 2.trc | cut -c 1-110 | head -4"

[ $failed = 0 ] && say "All as it should be." || say "Something differed."
exit $failed
