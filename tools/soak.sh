#!/bin/sh
# What takes too long for each change: freezes at random steps of all guests and of programs of the
# system, checkpoints that travel to other architectures, kills and faults at random, flipped
# bits, fuzzing. Prints what was done, and fails if anything did.
#
#	SOAK   how many times the usual number
#	FUZZ   seconds for each fuzz target; 0 for none
#	ONLY   a word: only the parts whose names have it
set -u
cd "$(dirname "$0")/.."
log=$(mktemp -d)
failed=0
began=$(date +%s)

# part NAME PATTERN PACKAGE…: run tests, and say how they went.
part() {
	name=$1 pattern=$2
	shift 2
	case $name in *"${ONLY:-}"*) ;; *) return ;; esac
	start=$(date +%s)
	if go test -count=1 -timeout 120m -v -run "$pattern" "$@" >"$log/$name" 2>&1; then
		result=ok
	else
		result=FAILED
		failed=1
		grep -E '^ *--- FAIL|_test.go:|^panic|^FAIL' "$log/$name" | head -40
	fi
	echo "$result	$name	$(($(date +%s) - start)) s, $(grep -c -e '--- PASS' "$log/$name") passed, $(grep -c -e '--- FAIL' "$log/$name") failed, $(grep -c -e '--- SKIP' "$log/$name") skipped"
}

# count WORD NAME: the sum of the numbers behind a word in a part's log.
count() {
	sed -n "s/.*$1 \([0-9][0-9]*\).*/\1/p" "$log/$2" 2>/dev/null | awk '{ n += $1 } END { print n + 0 }'
}

echo "soak: $SOAK times the usual, $FUZZ s for each fuzz target"
part freeze 'TestFreeze|TestFixtures' ./checkpoint
[ -f "$log/freeze" ] && echo "	frozen and thawed at $(count frozen freeze) points of $(grep -c 'frozen [0-9]* times' "$log/freeze") runs"
part travel '^TestCross$' ./cmd/emurun
[ -f "$log/travel" ] && echo "	went on from $(count from travel) checkpoints on another architecture"
part hostfiles 'TestRandom|TestResume|TestRevert|TestKill' ./internal/hostfiles
part crash 'TestCrash$|TestFault|TestFlipped|TestGoBack|TestKillResume|TestTwoJobs|TestStopAnd' ./cmd/emurun
part damaged 'TestDamaged' ./checkpoint
part store 'TestKill|TestCrash|TestFault' ./snapshot/dirstore ./vfs/hostfs ./server/...
if [ "$FUZZ" -gt 0 ] && case fuzz in *"${ONLY:-}"*) true ;; *) false ;; esac; then
	if tools/fuzz.sh "$FUZZ" >"$log/fuzz" 2>&1; then
		echo "ok	fuzz	$(grep -c '^== ' "$log/fuzz") targets"
	else
		echo "FAILED	fuzz	$(grep '^== ' "$log/fuzz" | tail -1)"
		tail -20 "$log/fuzz"
		failed=1
	fi
fi
if [ $failed -eq 0 ]; then
	rm -r "$log"
	echo "soak: all well after $(($(date +%s) - began)) s"
else
	echo "soak: FAILED; the logs are in $log"
fi
exit $failed
