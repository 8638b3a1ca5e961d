#!/bin/sh
# Boots this machine's systemd once more, as the first process of namespaces of its own, on this machine's files under an
# overlay in memory: boot.sh FOLDER.  Nothing that happens in there is left behind, and none of it reaches the machine:
# it has its own processes, mounts, names, groups and network (loopback only), and may not write to /sys or /proc/sys.
# FOLDER is /tmp/in there.  Start it by: unshare --mount --pid --uts --ipc --cgroup --net --fork sh boot.sh FOLDER
set -eu
given=$1
mount --make-rprivate /
mount -t tmpfs -o size=3g tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
root=/mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay $root

mount -t proc proc $root/proc
mount --bind $root/proc/sys $root/proc/sys
mount -o remount,bind,ro $root/proc/sys
mount -t sysfs -o ro sysfs $root/sys
mount -t cgroup2 cgroup2 $root/sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs $root/dev
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir $root/dev/pts $root/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts $root/dev/pts
mount -t tmpfs tmpfs $root/dev/shm
ln -s pts/ptmx $root/dev/ptmx
ln -s /proc/self/fd $root/dev/fd
mount -t tmpfs -o mode=755 tmpfs $root/run
mount -t tmpfs -o mode=1777 tmpfs $root/tmp
mkdir $root/tmp/in
mount --bind "$given" $root/tmp/in
ip link set lo up

rm -f $root/etc/machine-id
tr -d - </proc/sys/kernel/random/uuid >$root/etc/machine-id
cd $root
mkdir -p .old
pivot_root . .old
umount -l /.old
exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --unit=basic.target --log-target=journal
