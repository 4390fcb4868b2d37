# The workloads: data, formula, family, who takes part and what must show. The generators pin
# the kind of random numbers, so that every version of R makes the same data.

# Each is made when it's asked for: the largest take 0.5 GB.
workload_makers <- list(
  D1 = function() {
    numeric_workload("D1", "logistic, n = 1e5, 20 numeric", rows = 1e5, columns = 20, family = binomial(),
      peers = c("fastglm", "speedglm", "parglm", "biglm", "glmnet", "fixest", "Rfast", "mgcv", "RcppNumerical"),
      requirements = list(faster_than_glm(20), faster_than_formula_peers(6)))
  },
  D2 = function() {
    numeric_workload("D2", "logistic, n = 1e6, 50 numeric", rows = 1e6, columns = 50, family = binomial(),
      peers = c("fastglm", "speedglm", "parglm", "glmnet", "fixest", "RcppNumerical", "OpenBLAS"),
      glmpp = c("glmpp", "glmpp, 1 thread"), memory_of = c("glmpp", "glm"),
      requirements = list(faster_than_glm(40), faster_than_formula_peers(6), faster_than_matrix_peers(2),
                          one_thread_faster_than_glm(25)),
      further = list(
        L = list(title = "D2 with one thread against one dsyrk of its weighted matrix by OpenBLAS, one thread",
                 requirements = list(near_dsyrk(5))),
        M = list(title = "D2: peak memory beyond the data",
                 requirements = list(less_memory_than_glm(1 / 5), under_memory(408, "no second n x p"))),
        T = list(title = "D2: two threads against one", requirements = list(faster_than_one_thread(1.7)))))
  },
  D3 = function() {
    numeric_workload("D3", "Poisson, n = 1e5, 50 numeric", rows = 1e5, columns = 50, family = poisson(),
      peers = c("fastglm", "speedglm", "parglm", "glmnet", "fixest", "Rfast"),
      requirements = list(faster_than_glm(25)))
  },
  D4 = function() {
    numeric_workload("D4", "Gamma log, n = 2e5, 10 numeric, weights and offset", rows = 2e5, columns = 10,
      family = Gamma("log"), weights = "w", offset = "o", peers = c("fastglm", "speedglm", "parglm", "fixest"),
      requirements = list(faster_than_glm(20)))
  },
  D5 = function() {
    numeric_workload("D5", "gaussian, n = 1e6, 20 numeric", rows = 1e6, columns = 20, family = gaussian(),
      peers = c("lm", "lm.fit", ".lm.fit", "collapse", "fastglm", "speedglm", "parglm", "fixest"),
      requirements = list(faster_than_glm(10), faster_than_all_peers(1)))
  },
  F1 = function() {
    factor_workload("F1", "logistic, n = 1e5, 5 numeric + factors of 10, 50, 200 levels", rows = 1e5, columns = 5,
      levels = c(10, 50, 200), family = binomial(),
      peers = c("fastglm", "speedglm", "parglm", "fixest", "MatrixModels", "glmnet"),
      requirements = list(faster_than_glm(300), faster_than_full_peers(10)))
  },
  F2 = function() {
    factor_workload("F2", "Poisson, n = 2e6, 3 numeric + factors of 12, 31, 100, 1000 levels and one interaction",
      rows = 2e6, columns = 3, levels = c(12, 31, 100, 1000), interaction = "f12:f31", family = poisson(),
      peers = "fixest", glm_rows = 0, memory_of = "glmpp",
      requirements = list(under_seconds(10), under_memory(1024)))
  },
  F3 = function() {
    factor_workload("F3", "logistic, n = 5e5, 10 numeric + one factor of 3000 levels", rows = 5e5, columns = 10,
      levels = 3000, family = binomial(), peers = c("fixest", "MatrixModels"), glm_rows = 0,
      requirements = list(under_seconds(15), agrees_with("fixest, absorbed", 1e-7)))
  },
  C1 = function() {
    factor_workload("C1", "logistic, n = 1e7, 4 factors with 6000 distinct rows", rows = 1e7, columns = 0,
      levels = c(5, 10, 10, 12), family = binomial(), glm_rows = 1e6,
      requirements = list(faster_than_glm(25, "25x glm() on a tenth of the rows")))
  },
  S1 = function() {
    sparse_workload("S1", "logistic, sparse x, n = 1e5, 2000 columns, 1 % filled", rows = 1e5, columns = 2000,
      share = 0.01, family = binomial(), peers = c("fastglm", "MatrixModels", "glmnet"), glm_rows = 0,
      requirements = list(faster_than("fastglm, sparse", 3), faster_than("MatrixModels::glm4", 3)))
  },
  M1 = function() {
    class_workload("M1", "multinomial, n = 1e5, 10 numeric, 5 classes", rows = 1e5, columns = 10, classes = 5,
      peers = "nnet", glm_rows = 0, requirements = list(faster_than("nnet::multinom", 5)))
  },
  small = function() {
    new_workload("small", "`am ~ wt`, binomial, mtcars", data = datasets::mtcars, formula = am ~ wt,
      family = binomial(), y = datasets::mtcars$am, requirements = list(faster_than_glm(1, "no slower than glm()")))
  }
)

make_workload <- function(name) {
  if (!name %in% names(workload_makers)) {
    stop("Unknown workload '", name, "'; known: ", paste(names(workload_makers), collapse = ", "), ".", call. = FALSE)
  }
  set.seed(20, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  workload_makers[[name]]()
}

# `weights` and `offset` name columns of `data`; `peers` and `glmpp` name packages and adapters that take
# part. `glm_rows`: how many of the rows glm() gets; 0 means that it can't take part. `memory_of`: whose
# memory is measured. `further`: requirements with a line of their own in the table. `x` and `y`
# are set where there is no formula.
new_workload <- function(name, title, data, formula, family, requirements, peers = character(), glmpp = "glmpp",
                         weights = NULL, offset = NULL, glm_rows = NULL, memory_of = character(),
                         further = list(), x = NULL, y = data$y) {
  workload <- as.list(environment())
  workload$rows <- length(if (is.null(x)) data[[1]] else y)
  if (is.null(glm_rows)) workload$glm_rows <- workload$rows
  if (!is.null(formula)) environment(workload$formula) <- globalenv()
  workload$matrices <- new.env()
  workload
}

# Built once, outside of the timed calls: what a user of a matrix interface has to make first.
design_matrix <- function(workload, sparse = FALSE) {
  if (!has_formula(workload)) return(workload$x)
  kind <- if (sparse) "sparse" else "dense"
  if (is.null(workload$matrices[[kind]])) {
    build <- if (sparse) Matrix::sparse.model.matrix else stats::model.matrix
    workload$matrices[[kind]] <- build(workload$formula, workload$data)
  }
  workload$matrices[[kind]]
}

prior_weights <- function(workload) if (!is.null(workload$weights)) workload$data[[workload$weights]]

weights_or_ones <- function(workload) {
  weights <- prior_weights(workload)
  if (is.null(weights)) rep(1, workload$rows) else weights
}

offset_or_zeros <- function(workload) {
  if (is.null(workload$offset)) numeric(workload$rows) else workload$data[[workload$offset]]
}

first_rows <- function(workload, rows) {
  if (rows >= workload$rows) return(workload)
  workload$data <- workload$data[seq_len(rows), , drop = FALSE]
  workload$y <- workload$data$y
  workload$rows <- rows
  workload$matrices <- new.env()
  workload
}

# Generators -------------------------------------------------------------------

numeric_workload <- function(name, title, rows, columns, family, weights = NULL, offset = NULL, ...) {
  x <- numeric_columns(rows, columns)
  eta <- 0.2 + numeric_effect(x)
  if (!is.null(offset)) x[[offset]] <- log(0.5 + runif(rows))
  if (!is.null(offset)) eta <- eta + x[[offset]]
  if (!is.null(weights)) x[[weights]] <- 0.5 + runif(rows)
  data <- as_data_frame(c(list(y = random_response(eta, family)), x))
  formula <- reformulate(setdiff(names(x), c(weights, offset)), "y")
  new_workload(name, title, data, formula, family, weights = weights, offset = offset, ...)
}

factor_workload <- function(name, title, rows, columns, levels, family, interaction = NULL, ...) {
  x <- numeric_columns(rows, columns)
  eta <- 0.2 + numeric_effect(x)
  for (count in levels) {
    codes <- as.integer(runif(rows) * count) + 1L
    eta <- eta + (0.5 * sin(seq_len(count)))[codes]
    x[[unused_name(x, paste0("f", count))]] <- structure(codes, levels = format(seq_len(count)), class = "factor")
  }
  data <- as_data_frame(c(list(y = random_response(eta, family)), x))
  new_workload(name, title, data, reformulate(c(names(x), interaction), "y"), family, ...)
}

# Every class but the first has coefficients.
class_workload <- function(name, title, rows, columns, classes, ...) {
  x <- numeric_columns(rows, columns)
  utility <- vapply(seq_len(classes), function(k) {
    0.3 * k + numeric_effect(x) * cos(k) + sin(k) * x[[1 + k %% columns]] - log(-log(runif(rows)))
  }, numeric(rows))
  data <- as_data_frame(c(list(y = factor(max.col(utility))), x))
  new_workload(name, title, data, reformulate(names(x), "y"), glmpp::multinomial(), ...)
}

sparse_workload <- function(name, title, rows, columns, share, family, ...) {
  filled <- lapply(seq_len(columns), function(j) sort(unique(as.integer(runif(rows * share) * rows) + 1L)))
  x <- Matrix::sparseMatrix(i = unlist(filled), p = c(0L, cumsum(lengths(filled))), x = rnorm(sum(lengths(filled))),
                            dims = c(rows, columns), dimnames = list(NULL, paste0("x", seq_len(columns))))
  eta <- as.vector(x %*% (0.3 * cos(seq_len(columns))))
  new_workload(name, title, data = NULL, formula = NULL, family, x = x, y = random_response(eta, family), ...)
}

numeric_columns <- function(rows, count) {
  columns <- lapply(seq_len(count), function(j) rnorm(rows))
  if (count > 0) names(columns) <- paste0("x", seq_len(count))
  columns
}

# One column at a time: a matrix of them would blur what a fit takes beyond its data.
numeric_effect <- function(columns) {
  total <- 0
  for (j in seq_along(columns)) total <- total + cos(j) / sqrt(length(columns)) * columns[[j]]
  total
}

random_response <- function(eta, family) {
  mu <- family$linkinv(eta)
  rows <- length(eta)
  switch(family$family,
    binomial = as.integer(runif(rows) < mu),
    poisson = rpois(rows, mu),
    Gamma = rgamma(rows, shape = 2) * mu / 2,
    gaussian = mu + rnorm(rows)
  )
}

unused_name <- function(columns, name) utils::tail(make.unique(c(names(columns), name), sep = "_"), 1)

as_data_frame <- function(columns) {
  structure(columns, class = "data.frame", row.names = .set_row_names(length(columns[[1]])))
}
