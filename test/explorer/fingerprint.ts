/**
 * A number of 53 bits made of texts in their order (cyrb53, public domain, by bryc). Of ten million schedules, some
 * five thousandths of one are expected to be taken for another: what is counted by it is a lower bound.
 */
export function fingerprint(): { add(text: string): void; value(): number } {
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  return {
    add: text => {
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i);
        low = Math.imul(low ^ code, 2654435761);
        high = Math.imul(high ^ code, 1597334677);
      }
      low = Math.imul(low ^ 0x1f, 2654435761);
      high = Math.imul(high ^ 0x1f, 1597334677);
    },
    value: () => {
      let a = Math.imul(low ^ (low >>> 16), 2246822507);
      a ^= Math.imul(high ^ (high >>> 13), 3266489909);
      let b = Math.imul(high ^ (high >>> 16), 2246822507);
      b ^= Math.imul(low ^ (low >>> 13), 3266489909);
      return 4294967296 * (2097151 & b) + (a >>> 0);
    },
  };
}
