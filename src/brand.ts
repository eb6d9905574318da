declare const brand: unique symbol;

/** A value that was parsed: a plain string is not assignable to it. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
