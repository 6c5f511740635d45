#!/bin/bash
# Inside new namespaces: a machine like this one on a scratch disk of memory, with systemd as its first process.
# boot.sh FOLDER SOURCES
set -euo pipefail
folder=$1 sources=$2
mount --make-rprivate /
mount -t tmpfs -o mode=0755 tmpfs "$folder"
mkdir "$folder"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
cd "$folder/root"
mount -t proc proc proc
mount --rbind /sys sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount --rbind /dev dev
mount -t tmpfs -o mode=0755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount --bind "$sources" srv
rm -rf etc/leadwake var/lib/leadwake opt/leadwake etc/systemd/system/leadwake.{service,socket} etc/nginx/conf.d/leadwake.conf
mkdir -p var/log/nginx var/lib/nginx old
echo "127.0.0.1 localhost leads.test" >etc/hosts
cat >etc/systemd/system/droplet.target <<UNIT
[Unit]
Requires=systemd-journald.service
After=systemd-journald.service
AllowIsolate=yes
UNIT
ip link set lo up
hostname droplet
pivot_root . old
umount -l old
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=droplet \
  /lib/systemd/systemd --system --unit=droplet.target --log-target=null --show-status=no
