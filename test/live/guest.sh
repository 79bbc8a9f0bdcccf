# Functions of the guest shell; sourced once after boot. Output is parsed by test/live/state.ts.

memory=/sys/devices/system/memory
dax=/sys/bus/dax/devices/dax0.0

state() {
  cat /proc/zoneinfo | grep -E '^Node|pages free|spanned|present|managed|start_pfn'
  sed 's/^/buddy /' /proc/buddyinfo
  grep MemTotal /proc/meminfo
  grep 'System RAM' /proc/iomem | sed 's/^ */iomem /'
  for b in $memory/memory[0-9]*; do
    read -r s < $b/state
    read -r r < $b/removable
    read -r z < $b/valid_zones
    echo "block ${b##*/memory} $s $r $z"
  done
  for l in /sys/devices/system/node/node[0-9]*/memory[0-9]*; do
    [ -e "$l" ] && echo "link $l"
  done
  if [ -e $dax ]; then
    d=$(readlink $dax/driver)
    echo "daxattribute $(cat $dax/memmap_on_memory 2>&1)"
    echo "daxdriver ${d##*/}"
    grep -E 'Persistent Memory|dax0\.0|kmem' /proc/iomem | sed 's/^/daxiomem /'
  fi
}

system() {
  echo "version $(cat /proc/version)"
  echo "block_size $(cat $memory/block_size_bytes)"
  echo "auto_online $(cat $memory/auto_online_blocks)"
  for p in /sys/module/memory_hotplug/parameters/*; do
    echo "parameter ${p##*/} $(cat $p)"
  done
  if [ -e $dax ]; then
    for a in resource size align target_node memmap_on_memory; do
      echo "dax $a $(cat $dax/$a)"
    done
  fi
}

# A daxctl command whose messages count as the error only when it failed.
daxerror() {
  m=$("$@" 2>&1 >/dev/null) || echo "$m"
}
