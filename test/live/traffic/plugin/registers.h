/* The guest's registers, as callbacks with QEMU_PLUGIN_CB_R_REGS may read them. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemuPlugin.h"

enum guestRegister { RAX, RCX, RDX, RSI, RDI, NR_REGISTERS };

static struct qemu_plugin_register *registerHandles[NR_REGISTERS];

/* In the callback of a vcpu that has been made. */
static void registersInit(void) {
  static const char *const names[NR_REGISTERS] = {"rax", "rcx", "rdx", "rsi", "rdi"};
  GArray *found = qemu_plugin_get_registers();
  const qemu_plugin_reg_descriptor *descriptors = (const void *)found->data;
  for (unsigned i = 0; i < found->len; i++)
    for (unsigned name = 0; name < NR_REGISTERS; name++)
      if (strcmp(descriptors[i].name, names[name]) == 0) registerHandles[name] = descriptors[i].handle;
}

static uint64_t registerValue(enum guestRegister which) {
  static GByteArray *buffer;
  if (!buffer) buffer = g_byte_array_new();
  g_byte_array_set_size(buffer, 0);
  if (registerHandles[which]) qemu_plugin_read_register(registerHandles[which], buffer);
  uint64_t value = 0;
  if (buffer->len != sizeof value) {
    fprintf(stderr, "plugin: this QEMU does not tell registers\n");
    exit(1);
  }
  memcpy(&value, buffer->data, sizeof value);
  return value;
}
