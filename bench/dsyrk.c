/* Seconds that one dsyrk of an n x p matrix takes: dsyrk LIBRARY N P */

#define _POSIX_C_SOURCE 199309L
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef void dsyrk_function(const char *uplo, const char *trans, const int *n, const int *k,
                            const double *alpha, const double *a, const int *lda, const double *beta,
                            double *c, const int *ldc);

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + 1e-9 * time.tv_nsec;
}

int main(int count, char **arguments) {
  if (count != 4) return 1;
  void *library = dlopen(arguments[1], RTLD_NOW);
  dsyrk_function *dsyrk = library ? (dsyrk_function *)dlsym(library, "dsyrk_") : NULL;
  if (!dsyrk) return 1;

  const int n = atoi(arguments[2]), p = atoi(arguments[3]);
  const double one = 1.0, zero = 0.0;
  double *x = malloc(sizeof(double) * n * p), *gram = calloc((size_t)p * p, sizeof(double));
  if (!x || !gram) return 1;
  for (size_t i = 0; i < (size_t)n * p; ++i) x[i] = (double)(i * 2654435761u % 1000003) / 1000003 - 0.5;

  const int few = n < 1000 ? n : 1000; /* wakes the library up */
  dsyrk("U", "T", &p, &few, &one, x, &n, &zero, gram, &p);
  const double start = now();
  dsyrk("U", "T", &p, &n, &one, x, &n, &zero, gram, &p);
  printf("%.6f\n", now() - start);
  return gram[0] > 0 ? 0 : 1;
}
