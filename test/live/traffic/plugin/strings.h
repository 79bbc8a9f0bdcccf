/*
 * rep-prefixed string instructions. QEMU runs the hook of one once, or again for each repetition (with -icount), and
 * again when an interrupt or a fault has stopped it halfway and the guest goes on with what is left.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "counts.h"
#include "tasks.h"

enum stringKind { NO_STRING, STRING_SET, STRING_COPY, STRING_OTHER };

/* By its prefixes and opcode. */
static enum stringKind stringKindOf(const uint8_t *code, size_t size) {
  bool hasRep = false;
  for (size_t i = 0; i < size; i++) {
    uint8_t byte = code[i];
    if (byte == 0xf2 || byte == 0xf3) hasRep = true;
    else if (byte == 0xaa || byte == 0xab) return hasRep ? STRING_SET : NO_STRING;
    else if (byte == 0xa4 || byte == 0xa5) return hasRep ? STRING_COPY : NO_STRING;
    else if ((byte >= 0xa6 && byte <= 0xaf && byte != 0xa8 && byte != 0xa9) || (byte >= 0x6c && byte <= 0x6f))
      return hasRep ? STRING_OTHER : NO_STRING;
    else if (!(byte == 0x66 || byte == 0x67 || byte == 0x64 || byte == 0x65 || (byte >= 0x40 && byte <= 0x4f) ||
               ((byte & 0xe7) == 0x26)))
      return NO_STRING;
  }
  return NO_STRING;
}

struct stringOp {
  const struct task *task;
  uint64_t pc;
  uint64_t left; /* repetitions */
  uint64_t bytes;
  int op; /* OF_SET, OF_COPY */
  enum taskGroup group;
};

#define NR_STOPPED 16
static struct stringOp stringOp;             /* the one that runs, or ran last */
static struct stringOp stopped[NR_STOPPED]; /* oldest first; without pc: none */

/* Its size is known. */
static void stringOpCount(struct stringOp *op, struct counts *groups) {
  /* [i]: 2^i to 2^(i+1)-1 bytes */
  if (op->pc && op->bytes) countSize(groups[op->group].sizes[op->op], op->bytes >> 1);
  op->pc = 0;
}

static void stringOpLeave(struct counts *groups) {
  if (stringOp.pc && stringOp.left) {
    stringOpCount(&stopped[0], groups);
    memmove(stopped, stopped + 1, sizeof stopped - sizeof *stopped);
    stopped[NR_STOPPED - 1] = stringOp;
    stringOp.pc = 0;
  }
  stringOpCount(&stringOp, groups);
}

/* Returns whether an instruction begins; else a stopped one goes on. */
static bool stringOpBegin(const struct stringOp *begun, struct counts *groups) {
  stringOpLeave(groups);
  for (int i = NR_STOPPED - 1; i >= 0; i--) {
    struct stringOp *op = &stopped[i];
    if (op->pc != begun->pc || op->task != begun->task || op->left != begun->left) continue;
    stringOp = *op;
    op->pc = 0;
    return false;
  }
  stringOp = *begun;
  return true;
}

/* Nobody goes on any more. */
static void stringOpsEnd(struct counts *groups) {
  stringOpLeave(groups);
  for (int i = 0; i < NR_STOPPED; i++) stringOpCount(&stopped[i], groups);
}
