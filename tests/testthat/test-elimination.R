# The largest factor eliminated: the same fits as by the information of all coefficients, and as glm()'s.

eliminated <- function(value) {
  old <- options(glmpp.eliminate = 2)
  on.exit(options(old))
  force(value)
}
dense <- function(value) {
  old <- options(glmpp.eliminate = 1e9)
  on.exit(options(old))
  force(value)
}
# With a sparse corner and a sparse root of the complement, however small.
sparse <- function(value) {
  old <- options(glmpp.eliminate = 2, glmpp.sparse = TRUE)
  on.exit(options(old))
  force(value)
}
is_sparse <- function(fit) !is.null(.subset2(fit, "qr")$pattern)
is_eliminated <- function(fit) inherits(.subset2(fit, "qr"), "glmpp_factor")

# Nested and crossed factors, groups that are not connected, a level seen once, a covariate that is constant within levels.
random_design <- function(seed) {
  set.seed(seed)
  n <- sample(40:160, 1)
  levels <- sample(3:12, 1)
  d <- data.frame(x = rnorm(n), z = round(rnorm(n), 1), f = factor(sample(levels, n, TRUE)), w = sample(0:3, n, TRUE))
  d$region <- factor(as.integer(d$f) %% sample(2:4, 1))
  d$constant <- as.integer(d$f) * 0.7
  d$year <- factor(ifelse(as.integer(d$f) > levels / 2, sample(1:3, n, TRUE), sample(4:6, n, TRUE)))
  d$g <- factor(sample(sample(2:6, 1), n, TRUE))
  levels(d$f) <- c(levels(d$f), "once")
  d$f[n] <- "once"
  eta <- 0.3 * d$x + rnorm(levels + 1, 0, 0.5)[d$f]
  d$count <- rpois(n, exp(eta + 1))
  d$hit <- rbinom(n, 1, plogis(eta))
  d$size <- eta + rnorm(n)
  pool <- c("x", "region", "constant", "year", "g", "f:x", "f:g", "g:x", "z", "year:f", "I(constant + 2 * x)", "poly(z, 2)", "region:x")
  terms <- sample(unique(c("f", sample(pool, sample(2:4, 1)))))
  chosen <- sample(c("count", "hit", "size"), 1)
  list(formula = as.formula(paste(chosen, "~", if (runif(1) < 0.2) "0 +", paste(terms, collapse = " + "))), data = d,
       family = switch(chosen, count = poisson, hit = binomial, size = gaussian), is_weighted = runif(1) < 0.2)
}

fit_design <- function(design, fitter, ...) {
  call <- list(design$formula, design$family, design$data, ...)
  if (design$is_weighted) call$weights <- quote(w)
  suppressWarnings(do.call(fitter, call))
}

alias_text <- function(fit) if (!is.null(fit$aliased)) glmpp:::alias_lines(fit$aliased, 100)

# Rows that come in so many parts.
in_pieces <- function(data, count) {
  done <- 0
  rows <- split(seq_len(nrow(data)), ceiling(seq_len(nrow(data)) * count / nrow(data)))
  chunks(function(reset) {
    if (reset) {
      done <<- 0
      return(NULL)
    }
    if (done == count) return(NULL)
    done <<- done + 1
    data[rows[[done]], ]
  })
}

test_that("300 random designs have the coefficients of glm() and its aliased columns", {
  compared <- 0
  for (seed in 1:300) {
    design <- random_design(seed)
    ours <- eliminated(fit_design(design, glmpp))
    # Where levels separate, weights vanish, and what glm() calls aliased is rounding.
    if (!is.null(ours$separation)) next
    theirs <- fit_design(design, glm, epsilon = 1e-9, maxit = 100)
    info <- paste(seed, deparse1(design$formula))
    expect_true(is_eliminated(ours) || ours$solver$factorization == "qr", info = info)
    expect_identical(unname(is.na(coef(ours))), unname(is.na(coef(theirs))), info = info)
    expect_equal(unname(coef(ours)), unname(coef(theirs)), tolerance = 1e-8, info = info)
    by_all <- dense(fit_design(design, glmpp))
    expect_equal(suppressWarnings(coef(summary(ours))[, 2]), suppressWarnings(coef(summary(by_all))[, 2]), tolerance = 1e-8, info = info)
    expect_identical(alias_text(ours), alias_text(by_all), info = info)
    compared <- compared + 1
  }
  expect_gt(compared, 120)
})

test_that("columns that repeat each other stay aliased where weights vanish", {
  for (seed in c(18, 219, 448, 511, 612, 778, 963, 1466)) {
    design <- random_design(seed)
    theirs <- fit_design(design, glm, epsilon = 1e-10, maxit = 60)
    for (ours in list(dense(fit_design(design, glmpp)), eliminated(fit_design(design, glmpp)))) {
      info <- paste(seed, deparse1(design$formula))
      expect_false(is.null(ours$separation), info = info)
      expect_true(ours$converged, info = info)
      expect_equal(deviance(ours), deviance(theirs), tolerance = 1e-6, info = info)
      expect_lt(max(abs(coef(ours)), na.rm = TRUE), 1e4)
      coefficients <- replace(coef(ours), is.na(coef(ours)), 0)
      predictor <- drop(model.matrix(theirs) %*% coefficients)
      expect_equal(unname(predictor), unname(ours$linear.predictors), tolerance = 1e-8, info = info)
    }
  }
})

crossed <- local({
  set.seed(2)
  n <- 5000
  d <- data.frame(x = rnorm(n), z = rnorm(n), f = factor(sample(rep_len(1:550, n))), g = factor(sample(9, n, TRUE)),
                  id = sample(40, n, TRUE))
  d$y <- rpois(n, exp(0.3 * d$x - 0.2 * d$z + 0.3 * rnorm(550)[d$f] + 1))
  d
})

test_that("what follows a fit is that of the information of all coefficients", {
  few <- c("x", "f7", "g3")
  ours <- glmpp(y ~ x + z + f + g, poisson, crossed)
  theirs <- dense(glmpp(y ~ x + z + f + g, poisson, crossed))
  expect_true(is_eliminated(ours))
  expect_false(is_eliminated(theirs))
  expect_equal(vcov(ours), vcov(theirs), tolerance = 1e-12)
  expect_equal(vcov(ours, which = few), vcov(theirs)[few, few], tolerance = 1e-12)
  for (type in c("observed", "HC0", "HC1", "HC2", "HC3", "HC4", "HC4m")) {
    all <- vcov(theirs, type = type)
    expect_equal(vcov(ours, which = few, type = type), all[few, few], tolerance = 1e-10, info = type)
    expect_equal(vcov(theirs, which = few, type = type), all[few, few], tolerance = 1e-14, info = type)
    if (type != "observed") expect_equal(glmpp:::sandwich_variances(ours, type), diag(all), tolerance = 1e-10, info = type)
  }
  for (cluster in list(~ id, ~ f, ~ id + g)) {
    all <- vcov(theirs, type = "HC1", cluster = cluster)
    expect_equal(vcov(ours, which = few, type = "HC1", cluster = cluster), all[few, few], tolerance = 1e-10)
    expect_equal(glmpp:::sandwich_variances(ours, "HC1", cluster), diag(all), tolerance = 1e-10)
  }
  new <- crossed[1:40, ]
  expect_equal(predict(ours, new, se.fit = TRUE), predict(theirs, new, se.fit = TRUE), tolerance = 1e-12)
  expect_equal(hatvalues(ours), hatvalues(theirs), tolerance = 1e-12)
  expect_equal(cooks.distance(ours), cooks.distance(theirs), tolerance = 1e-12)
  expect_equal(predict(ours, new, type = "terms", se.fit = TRUE), predict(theirs, new, type = "terms", se.fit = TRUE), tolerance = 1e-10)
  expect_equal(drop1(ours, ~ x + z, test = "Rao"), drop1(theirs, ~ x + z, test = "Rao"), tolerance = 1e-8)
  expect_equal(anova(ours, test = "Chisq"), anova(theirs, test = "Chisq"), tolerance = 1e-8)
  expect_equal(confint(ours, few), confint(theirs, few), tolerance = 1e-8)
  expect_equal(confint(ours, few, method = "wald", vcov = "HC1"), confint(theirs, few, method = "wald", vcov = "HC1"), tolerance = 1e-8)
  expect_equal(coef(summary(update(ours, . ~ . - z))), coef(summary(update(theirs, . ~ . - z))), tolerance = 1e-8)
  expect_equal(coef(summary(update(ours, penalty = ridge(2)))), coef(summary(dense(update(theirs, penalty = ridge(2))))), tolerance = 1e-8)
  for (solver in list(newton(), lbfgs())) {
    expect_equal(coef(update(ours, solver = solver)), coef(theirs), tolerance = 1e-6, info = solver$name)
  }
  expect_equal(qr(ours)$rank, qr(theirs)$rank)
  expect_equal(coef(summary(unserialize(serialize(ours, NULL)))), coef(summary(ours)))
})

test_that("threads and chunks give the same fit", {
  one <- glmpp(y ~ x * g + f, poisson, crossed, threads = 1)
  expect_identical(coef(glmpp(y ~ x * g + f, poisson, crossed, threads = 4)), coef(one))
  expect_identical(coef(summary(glmpp(y ~ x * g + f, poisson, crossed, threads = 3))), coef(summary(one)))
  far <- glmpp(y ~ x * g + f, poisson, data = in_pieces(crossed, 6))
  expect_true(is_eliminated(far))
  expect_equal(coef(summary(far)), coef(summary(one)), tolerance = 1e-8)
  few <- c("x", "f9")
  for (cluster in list(NULL, ~ id, ~ id + g)) {
    expect_equal(vcov(far, which = few, type = "HC1", cluster = cluster), vcov(one, which = few, type = "HC1", cluster = cluster), tolerance = 1e-8)
    expect_equal(glmpp:::sandwich_variances(far, "HC1", cluster), glmpp:::sandwich_variances(one, "HC1", cluster), tolerance = 1e-8)
  }
  expect_equal(vcov(far, type = "HC1"), vcov(one, type = "HC1"), tolerance = 1e-8)
})

# The information of a sparse design, and columns of its inverse by Matrix.
sparse_reference <- function(fit, formula, data) {
  x <- Matrix::sparse.model.matrix(formula, data)
  information <- Matrix::crossprod(x, x * as.vector(fit$weights))
  function(names) {
    places <- match(names, colnames(x))
    units <- Matrix::sparseMatrix(places, seq_along(places), x = 1, dims = c(ncol(x), length(places)))
    sqrt(diag(as.matrix(Matrix::solve(information, units))[places, ]))
  }
}

test_that("20,000 levels have exact standard errors, and all verbs without the matrix of all", {
  skip_if_not_installed("Matrix")
  set.seed(3)
  n <- 60000
  d <- data.frame(x = rnorm(n), z = rnorm(n), f = factor(rep_len(1:20000, n)))
  d$y <- rpois(n, exp(0.4 * d$x + 0.5 * rnorm(20000)[d$f] + 1))
  d$y[1:20000] <- pmax(d$y[1:20000], 1)
  fit <- glmpp(y ~ x + z + f, poisson, d)
  expect_null(fit$separation)
  some <- c("x", "z", paste0("f", c(2, 77, 4321, 20000)))
  errors <- sparse_reference(fit, ~ x + z + f, d)(some)
  expect_equal(unname(coef(summary(fit))[some, 2]), errors, tolerance = 1e-8)
  expect_equal(unname(sqrt(diag(vcov(fit, which = some)))), errors, tolerance = 1e-8)
  # What a level's likelihood equation says: its means add up to its counts.
  expect_equal(as.vector(rowsum(fitted(fit), d$f)), as.vector(rowsum(d$y, d$f)), tolerance = 1e-8)
  # The wide normal model by within-transformation.
  within <- function(v) v - ave(v, d$f)
  normal <- glmpp(y ~ x + z + f, gaussian, d)
  expect_equal(unname(coef(normal)[c("x", "z")]), unname(coef(lm(within(y) ~ 0 + within(x) + within(z), d))), tolerance = 1e-8)
  old <- options(glmpp.memory = 2^30)
  on.exit(options(old))
  expect_error(vcov(fit), "which", class = "glmpp_error_memory")
  expect_error(confint(fit), "parm", class = "glmpp_error_memory")
  expect_error(influence(fit), class = "glmpp_error_memory")
  expect_error(glmpp(y ~ x + z + f, poisson, d, solver = coordinate_descent()), "coordinate_descent\\(\\) reads all its elements",
               class = "glmpp_error_memory")
  expect_equal(nrow(confint(fit, method = "wald")), 20002)
  expect_length(hatvalues(fit), n)
  expect_equal(sum(hatvalues(fit)), 20002, tolerance = 1e-8)
  expect_null(summary(fit)$cov.scaled)
  expect_equal(coef(summary(fit, vcov = "HC1"))[some, 2], sqrt(diag(vcov(fit, which = some, type = "HC1"))), tolerance = 1e-8)
  expect_equal(drop1(fit, ~ x, vcov = "HC1")["x", "Chisq"], (coef(summary(fit, vcov = "HC1"))["x", 3])^2, tolerance = 1e-8)
  printed <- capture.output(print(fit), print(summary(fit)))
  expect_lt(length(printed), 80)
  expect_match(printed, "19,993 more of `f`", all = FALSE, fixed = TRUE)
})

test_that("two factors of many levels are crossed by the cells that are there", {
  set.seed(4)
  n <- 20000
  d <- data.frame(x = rnorm(n), f = factor(sample(rep_len(1:4000, n))), g = factor(sample(rep_len(1:600, n))))
  d$y <- rpois(n, exp(0.3 * d$x + 0.3 * rnorm(4000)[d$f] + 0.3 * rnorm(600)[d$g] + 2))
  fit <- glmpp(y ~ x + f + g, poisson, d)
  factor <- .subset2(fit, "qr")
  expect_lt(length(factor$solved), 3 * n)
  expect_equal(as.vector(rowsum(fitted(fit), d$g)), as.vector(rowsum(d$y, d$g)), tolerance = 1e-8)
  expect_equal(as.vector(rowsum(fitted(fit), d$f)), as.vector(rowsum(d$y, d$f)), tolerance = 1e-8)
  skip_if_not_installed("Matrix")
  some <- c("x", "f30", "f3999", "g2", "g600")
  expect_equal(unname(coef(summary(fit))[some, 2]), sparse_reference(fit, ~ x + f + g, d)(some), tolerance = 1e-8)
})

test_that("thousands of levels with one outcome are found before the first pass", {
  set.seed(5)
  n <- 30000
  d <- data.frame(x = rnorm(n), f = factor(sample(rep_len(1:6000, n))))
  d$y <- rbinom(n, 1, plogis(d$x))
  expect_warning(fit <- glmpp(y ~ x + f, binomial, d), class = "glmpp_warning_separation")
  share <- ave(d$y, d$f)
  pure <- share == 0 | share == 1
  base <- levels(d$f)[1]
  expect_identical(sort(setdiff(names(fit$separation$coefficients), "(Intercept)")),
                   sort(paste0("f", setdiff(unique(as.character(d$f[pure])), base))))
  rest <- glmpp(y ~ x + f, binomial, droplevels(d[!pure, ]))
  expect_equal(coef(fit)[["x"]], coef(rest)[["x"]], tolerance = 1e-8)
  expect_equal(coef(summary(fit))["x", 2], coef(summary(rest))["x", 2], tolerance = 1e-6)
  far <- suppressWarnings(glmpp(y ~ x + f, binomial, data = in_pieces(d, 3)))
  expect_identical(names(far$separation$coefficients), names(fit$separation$coefficients))
})

test_that("columns that nearly repeat others are fitted by the rows", {
  d <- crossed[as.integer(crossed$f) <= 60, ]
  d$near <- d$x + 1e-7 * d$z
  ours <- eliminated(glmpp(y ~ x + near + f, poisson, d))
  expect_false(is_eliminated(ours))
  expect_equal(fitted(ours), fitted(glmpp(y ~ x + z + f, poisson, d)), tolerance = 1e-8)
})

# Two factors of hundreds of levels each, whose steps are solved by conjugate gradients: nested factors, groups that are not connected,
# covariates of any size, weights of zero.
crossed_design <- function(seed) {
  set.seed(seed)
  n <- sample(c(8000, 15000), 1)
  levels <- c(sample(400:600, 1), sample(250:350, 1))
  f <- sample(levels[1], n, TRUE)
  g <- if (seed %% 3 == 0) (f %% 2) * (levels[2] %/% 2) + sample(levels[2] %/% 2, n, TRUE) else sample(levels[2], n, TRUE)
  d <- data.frame(x = rnorm(n), z = 100 + 100 * runif(n), f = factor(f), g = factor(g), h = factor(sample(4, n, TRUE)),
                  w = sample(0:3, n, TRUE, c(1, 9, 9, 9)))
  d$region <- factor(f %% 5)
  eta <- 0.3 * d$x + rnorm(levels[1], 0, 0.3)[f] + rnorm(levels[2], 0, 0.3)[g]
  kind <- sample(c("poisson", "binomial", "gamma", "probit"), 1)
  d$y <- switch(kind, poisson = rpois(n, exp(eta + 1.5)), gamma = rgamma(n, 3, 3 / exp(eta)), rbinom(n, 1, pnorm(0.5 * eta)))
  family <- switch(kind, poisson = poisson(), gamma = Gamma("log"), binomial = binomial(), probit = binomial("probit"))
  terms <- c("f", "g", sample(c("x", "z", "h", "region", "g:x", "h:x"), 3))
  if (seed %% 3 == 1) terms <- sample(terms)
  list(formula = as.formula(paste("y ~", paste(terms, collapse = " + "))), data = d, family = family, is_weighted = runif(1) < 0.3)
}

test_that("steps by conjugate gradients reach the fit of all coefficients' information", {
  for (seed in c(2, 4, 5)) {
    design <- crossed_design(seed)
    ours <- fit_design(design, glmpp)
    theirs <- dense(fit_design(design, glmpp))
    expect_true(is_eliminated(ours))
    expect_equal(deviance(ours), deviance(theirs), tolerance = 1e-10, info = seed)
    expect_identical(is.na(coef(ours)), is.na(coef(theirs)), info = seed)
    expect_equal(fitted(ours), fitted(theirs), tolerance = 1e-8, info = seed)
    if (is.null(ours$separation)) {
      expect_equal(coef(ours), coef(theirs), tolerance = 1e-7, info = seed)
      errors <- function(fit) suppressWarnings(coef(summary(fit)))[, 2]
      expect_equal(errors(ours), errors(theirs), tolerance = 1e-7, info = seed)
    }
    expect_lte(ours$iter, theirs$iter + 2)
  }
})

test_that("where conjugate gradients do not get there, a factor does", {
  # A chain: each level of one factor meets two of the other.
  set.seed(8)
  levels <- 500
  f <- rep(seq_len(levels), each = 30)
  d <- data.frame(x = rnorm(length(f)), f = factor(f), g = factor(pmin(f + rep(0:1, 15 * levels), levels)))
  d$y <- rpois(nrow(d), exp(0.2 * d$x + 1))
  ours <- glmpp(y ~ x + f + g, poisson, d)
  theirs <- dense(glmpp(y ~ x + f + g, poisson, d))
  expect_equal(fitted(ours), fitted(theirs), tolerance = 1e-8)
  expect_equal(coef(summary(ours))["x", ], coef(summary(theirs))["x", ], tolerance = 1e-8)
  expect_identical(coef(glmpp(y ~ x + f + g, poisson, d, threads = 3)), coef(glmpp(y ~ x + f + g, poisson, d, threads = 1)))
})

test_that("a sparse complement gives what a dense one gives", {
  count <- 0
  for (seed in 1:40) {
    design <- random_design(seed)
    ours <- sparse(fit_design(design, glmpp))
    theirs <- eliminated(fit_design(design, glmpp))
    expect_identical(is.na(coef(ours)), is.na(coef(theirs)), info = seed)
    expect_equal(deviance(ours), deviance(theirs), tolerance = 1e-10, info = seed)
    expect_equal(hatvalues(ours), hatvalues(theirs), tolerance = 1e-8, info = seed)
    if (!is_eliminated(theirs)) next
    expect_true(is_sparse(ours))
    count <- count + 1
    if (!is.null(theirs$separation)) next
    expect_equal(coef(ours), coef(theirs), tolerance = 1e-8, info = seed)
    expect_equal(suppressWarnings(vcov(ours)), suppressWarnings(vcov(theirs)), tolerance = 1e-8, info = seed)
    expect_equal(glmpp:::unscaled_variances(ours), glmpp:::unscaled_variances(theirs), tolerance = 1e-8, info = seed)
    for (type in c("HC0", "HC3")) {
      expect_equal(glmpp:::sandwich_variances(ours, type), glmpp:::sandwich_variances(theirs, type), tolerance = 1e-8, info = seed)
    }
  }
  expect_gt(count, 30)
})

# Workers at a firm, who change to one nearby now and then: a firm meets few others.
panel <- function(workers, firms, rows, seed, level = 3) {
  set.seed(seed)
  f <- rep_len(seq_len(workers), rows)
  home <- sample(firms, workers, TRUE)[f]
  g <- ifelse(runif(rows) < 0.2, pmin(firms, pmax(1, home + sample(-3:3, rows, TRUE))), home)
  d <- data.frame(x = rnorm(rows), z = rnorm(rows), f = factor(f), g = factor(g))
  d$y <- rpois(rows, exp(0.2 * d$x + rnorm(workers, 0, 0.3)[f] + rnorm(firms, 0, 0.3)[g] + level))
  d
}

test_that("of workers and firms only those elements are kept that are there", {
  d <- panel(6000, 2500, 50000, 9)
  fit <- glmpp(y ~ x + z + f + g, poisson, d)
  expect_true(is_sparse(fit))
  expect_lt(length(.subset2(fit, "qr")$root), 2500 * 60)
  expect_equal(as.vector(rowsum(fitted(fit), d$g)), as.vector(rowsum(d$y, d$g)), tolerance = 1e-8)
  expect_equal(as.vector(rowsum(fitted(fit), d$f)), as.vector(rowsum(d$y, d$f)), tolerance = 1e-8)
  shown <- glmpp(y ~ x + z + absorb(f) + absorb(g), poisson, d, threads = 3)
  expect_identical(coef(shown), coef(fit)[c("x", "z")])
  expect_identical(coef(summary(shown))[, 2], coef(summary(fit))[c("x", "z"), 2])
  saved <- unserialize(serialize(fit, NULL))
  expect_identical(coef(summary(saved)), coef(summary(fit)))
  rows <- c(3, 777)
  expect_equal(predict(fit, d[rows, ], se.fit = TRUE)$se.fit, predict(fit, se.fit = TRUE)$se.fit[rows], tolerance = 1e-10)
  expect_equal(sum(hatvalues(fit)), fit$rank, tolerance = 1e-8)
  expect_equal(vcov(shown, type = "HC1", cluster = ~ f), vcov(fit, which = c("x", "z"), type = "HC1", cluster = ~ f), tolerance = 1e-10)
  skip_if_not_installed("Matrix")
  known <- names(coef(fit))[!is.na(coef(fit))]
  some <- intersect(c("x", "z", "f30", "f5999", "g2", "g1234", "g2500"), known)
  x <- Matrix::sparse.model.matrix(~ x + z + f + g, d)[, known]
  information <- Matrix::crossprod(x, x * as.vector(fit$weights))
  places <- match(some, known)
  units <- Matrix::sparseMatrix(places, seq_along(places), x = 1, dims = c(ncol(x), length(places)))
  expect_equal(unname(coef(summary(fit))[some, 2]), sqrt(diag(as.matrix(Matrix::solve(information, units))[places, ])), tolerance = 1e-8)
})

test_that("what would not fit into memory as a dense complement is fitted as a sparse one", {
  d <- panel(6000, 2500, 50000, 9)
  expect_gt(glmpp:::bordered_bytes(c(inner = 6000, border = 2500, entries = 50000)), 2^27)
  old <- options(glmpp.memory = 2^27)
  on.exit(options(old))
  expect_true(is_sparse(glmpp(y ~ x + z + absorb(f) + absorb(g), poisson, d)))
  scattered <- d
  scattered$g <- factor(sample(2500, nrow(d), TRUE))
  expect_error(glmpp(y ~ x + z + absorb(f) + absorb(g), poisson, scattered), "are left", class = "glmpp_error_memory")
})

test_that("of columns too many for a search separation is proved by what is zero in the rows that are left", {
  d <- panel(5000, 2000, 50000, 3, level = 1.5)
  expect_warning(fit <- glmpp(y ~ x + z + f + g, poisson, d), class = "glmpp_warning_separation")
  expect_identical(fit$separation$type, "quasi-complete")
  # A direction: it moves rows without events down, and no others.
  direction <- fit$separation$direction
  skip_if_not_installed("Matrix")
  moves <- as.vector(Matrix::sparse.model.matrix(~ x + z + f + g, d) %*% direction)
  moved <- abs(moves) > 1e-6
  expect_equal(sum(moved), fit$separation$rows$count)
  expect_true(all(moves[moved] < 0 & d$y[moved] == 0))
  rest <- glmpp(y ~ x + z + f + g, poisson, droplevels(d[!moved, ]))
  expect_null(rest$separation)
  expect_equal(coef(summary(fit))[c("x", "z"), ], coef(summary(rest))[c("x", "z"), ], tolerance = 1e-7)
  expect_equal(deviance(fit), deviance(rest), tolerance = 1e-10)
})

test_that("contrasts that are a run of levels are taken as such, and others as they are", {
  set.seed(161)
  n <- 600
  d <- data.frame(x = rnorm(n), f = factor(sample(30, n, TRUE)), g = factor(sample(letters[1:3], n, TRUE)))
  d$y <- rpois(n, exp(0.3 * d$x))
  # A run that starts in the midst, one that is none, and one with another value.
  part <- rbind(0, 0, diag(28))
  swapped <- contr.treatment(30)[, c(2, 1, 3:29)]
  twice <- contr.treatment(30)
  twice[2, 1] <- 2
  for (contrast in list("contr.treatment", "contr.SAS", "contr.sum", part, swapped, twice)) for (formula in list(y ~ x + f, y ~ x:f + g, y ~ f * g)) {
    for (with in list(dense, eliminated)) {
      fit <- with(glmpp(formula, poisson, d, contrasts = list(f = contrast)))
      glm <- glm(formula, poisson, d, contrasts = list(f = contrast), epsilon = 1e-13)
      info <- paste(deparse(formula), if (is.character(contrast)) contrast else ncol(contrast))
      expect_equal(coef(fit), coef(glm), tolerance = 1e-6, info = info)
      expect_equal(deviance(fit), deviance(glm), info = info)
      expect_equal(sqrt(diag(vcov(fit))), sqrt(diag(vcov(glm))), tolerance = 1e-6, info = info)
    }
  }
  absorbed <- glmpp(y ~ x + absorb(f), poisson, d)
  expect_equal(fixef(absorbed)[[1]], c(`1` = 0, coef(glm(y ~ x + f, poisson, d, epsilon = 1e-13))[-(1:2)]) +
                 coef(glm(y ~ x + f, poisson, d, epsilon = 1e-13))[[1]], tolerance = 1e-8, ignore_attr = TRUE)
})
