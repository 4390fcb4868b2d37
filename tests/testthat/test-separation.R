# Separation is proved or refuted, never guessed: the classics, and random data against a linear programme.

quietly <- function(expression) {
  seen <- character()
  value <- withCallingHandlers(expression, warning = function(w) {
    seen <<- c(seen, class(w)[1])
    invokeRestart("muffleWarning")
  })
  list(fit = value, warnings = seen)
}

expect_separation <- function(expression, type, coefficients) {
  warning <- expect_warning(fit <- expression, class = "glmpp_warning_separation")
  expect_equal(fit$separation$type, type)
  expect_equal(fit$separation$coefficients, coefficients)
  expect_equal(names(fit$separation$direction), names(coef(fit)))
  invisible(list(fit = fit, message = conditionMessage(warning)))
}

expect_no_separation <- function(expression) {
  result <- quietly(expression)
  expect_null(result$fit$separation)
  expect_false("glmpp_warning_separation" %in% result$warnings)
  invisible(result)
}

test_that("endometrial: neovasculization runs to infinity, the other coefficients do not", {
  endometrial <- read.csv(test_path("fixtures", "endometrial.csv"))
  for (link in c("logit", "probit", "cloglog", "cauchit")) {
    fit <- quietly(glmpp(HG ~ NV + PI + EH, binomial(link), endometrial))$fit
    expect_equal(fit$separation$coefficients, c(NV = Inf), label = link)
  }
  expect_no_separation(glmpp(HG ~ PI + EH, binomial, endometrial))
  fit <- suppressWarnings(glmpp(HG ~ NV + PI + EH, binomial, endometrial))
  expect_equal(fit$separation$direction, c("(Intercept)" = 0, NV = 1, PI = 0, EH = 0))
  expect_equal(fit$separation$rows$count, sum(endometrial$NV == 1))
  expect_output(print(summary(fit)), "No maximum likelihood estimate (quasi-complete separation): NV runs to infinity",
                fixed = TRUE)
})

test_that("a factor level with only successes is named, whatever the contrasts", {
  d <- data.frame(y = c(0, 1, 0, 1, 1, 1, 1, 0, 1), g = rep(c("a", "b", "c"), c(2, 4, 3)), x = c(1, 2, 2, 5, 4, 1, 3, 3, 2))
  d$y[d$g == "b"] <- 1
  found <- expect_separation(glmpp(y ~ g, binomial, d), "quasi-complete", c(gb = Inf))
  expect_match(found$message, "`g`: only successes at \"b\"", fixed = TRUE)
  expect_match(found$message, "maximum likelihood estimate does not exist")
  found <- expect_separation(glmpp(y ~ g, binomial, d, contrasts = list(g = "contr.sum")), "quasi-complete",
                             c("(Intercept)" = Inf, g1 = -Inf, g2 = Inf))
  expect_match(found$message, "`g`: only successes at \"b\"", fixed = TRUE)
})

test_that("a table of counts with an empty cell is found; mixed cells are not moved", {
  # Made-up counts in the shape of the lizards of McCullagh and Nelder: one species never perches high.
  lizards <- data.frame(
    height = rep(c("high", "low"), each = 4), diameter = rep(c("thin", "thick"), 4), time = rep(c("early", "late"), each = 2, 2),
    grahami = c(20, 8, 13, 6, 34, 17, 60, 12), opalinus = c(0, 0, 0, 0, 11, 15, 5, 1)
  )
  expect_separation(glmpp(cbind(grahami, opalinus) ~ height + diameter + time, binomial, lizards), "quasi-complete",
                    c("(Intercept)" = Inf, heightlow = -Inf))
  lizards$opalinus[1] <- 2
  expect_no_separation(glmpp(cbind(grahami, opalinus) ~ height + diameter + time, binomial, lizards))
})

test_that("counts with an all-zero level are found under the log link only", {
  d <- data.frame(y = c(0, 0, 0, 3, 1, 0, 2, 5, 0), g = rep(c("a", "b", "c"), each = 3), x = c(3, 1, 2, 5, 4, 2, 2, 6, 1))
  infinite <- c("(Intercept)" = -Inf, gb = Inf, gc = Inf)
  for (family in list(poisson(), quasipoisson(), quasi(link = "log", variance = "mu"))) {
    found <- expect_separation(glmpp(y ~ g + x, family, d), "quasi-complete", infinite)
    expect_match(found$message, "`g`: only zeros at \"a\"", fixed = TRUE)
  }
  skip_if_not_installed("MASS")
  expect_separation(glmpp(y ~ g + x, MASS::negative.binomial(2), d), "quasi-complete", infinite)
  expect_no_separation(glmpp(y ~ g, poisson("sqrt"), d))
})

test_that("under the log link failures run away, successes stop at the boundary", {
  d <- data.frame(y = c(0, 1, 0, 0, 1, 0, 0, 0, 1, 0), g = rep(c("a", "b"), each = 5))
  d$y[d$g == "b"] <- 0
  start <- c(-1, -1)
  expect_separation(glmpp(y ~ g, binomial("log"), d, start = start), "quasi-complete", c(gb = -Inf))
  d$y[d$g == "b"] <- 1
  expect_no_separation(glmpp(y ~ g, binomial("log"), d, start = c(-1, 0.9)))
})

test_that("a link that only R knows, a sparse design and a callback family are served too", {
  x <- c(-3, -2, -1, 1, 2, 3)
  y <- as.numeric(x > 0)
  halved <- structure(list(linkfun = function(mu) 2 * qlogis(mu), linkinv = function(eta) plogis(eta / 2),
                           mu.eta = function(eta) dlogis(eta / 2) / 2, valideta = function(eta) TRUE, name = "halved"),
                      class = "link-glm")
  expect_equal(quietly(glmpp(y ~ x, binomial(link = halved)))$fit$separation$type, "complete")
  expect_no_separation(glmpp(rev(y) * c(1, 1, 0, 1, 1, 1) + c(0, 0, 0, 0, 1, 0) ~ x, binomial(link = halved)))
  skip_if_not_installed("Matrix")
  sparse <- as(cbind(1, x, c(1, 0, 0, 1, 0, 0)), "CsparseMatrix")
  expect_true("glmpp_warning_separation" %in% quietly(glmpp_fit(sparse, y, family = binomial()))$warnings)
  expect_false("glmpp_warning_separation" %in% quietly(glmpp_fit(sparse, c(0, 1, 0, 1, 0, 1), family = binomial()))$warnings)
})

test_that("a constant response is said plainly", {
  x <- c(1, 3, 2, 5, 4)
  warning <- expect_warning(fit <- glmpp(rep(1, 5) ~ x, binomial), class = "glmpp_warning_separation")
  expect_match(conditionMessage(warning), "the response is constant (only successes)", fixed = TRUE)
  expect_equal(fit$separation$type, "complete")
  expect_equal(fit$separation$coefficients[["(Intercept)"]], Inf)
  warning <- expect_warning(glmpp(numeric(5) ~ 1, poisson), class = "glmpp_warning_separation")
  expect_match(conditionMessage(warning), "the response is constant (only zeros)", fixed = TRUE)
  # Without an intercept columns of both signs do not separate.
  expect_no_separation(glmpp(rep(1, 5) ~ I(x - 3) - 1, binomial))
})

test_that("the warning replaces that of extreme probabilities, which stays for extreme fits", {
  x <- c(1:10, 400)
  y <- c(0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1)
  result <- expect_no_separation(glmpp(y ~ x, binomial))
  expect_true("glmpp_warning_extreme_means" %in% result$warnings)
  result <- suppressMessages(quietly(glmpp(as.numeric(x > 5) ~ x, binomial)))
  expect_true("glmpp_warning_separation" %in% result$warnings)
  expect_false("glmpp_warning_extreme_means" %in% result$warnings)
})

test_that("extreme but overlapping data raise no alarm", {
  for (overlap in c(1e-2, 1e-4, 1e-6)) {
    x <- c(-(20:1) / 20, (1:20) / 20)
    y <- as.numeric(x > 0)
    x[20:21] <- c(overlap, -overlap)
    expect_no_separation(glmpp(y ~ x, binomial))
    x[20:21] <- c(-overlap, overlap)
    expect_s3_class(quietly(glmpp(y ~ x, binomial))$fit, "glmpp")
    expect_equal(quietly(glmpp(y ~ x, binomial))$fit$separation$type, "complete")
  }
})

test_that("scaling, shifting and repeating columns or rows changes nothing", {
  endometrial <- read.csv(test_path("fixtures", "endometrial.csv"))
  scaled <- transform(endometrial, PI = PI * 1e8, EH = EH * 1e-8 + 1e-7, NV = NV * 1e-5)
  expect_separation(glmpp(HG ~ NV + PI + EH, binomial, scaled), "quasi-complete", c(NV = Inf))
  twice <- transform(endometrial, copy = 2 * NV)
  expect_separation(glmpp(HG ~ NV + PI + EH + copy, binomial, twice), "quasi-complete", c(NV = Inf))
  weights <- as.numeric(endometrial$NV == 0)
  expect_no_separation(glmpp(HG ~ NV + PI + EH, binomial, endometrial, weights = weights))
  expect_warning(glm(HG ~ NV + PI + EH, binomial, endometrial, method = glmpp_fit), class = "glmpp_warning_separation")
})

test_that("early stopping and loose control hide no separation", {
  endometrial <- read.csv(test_path("fixtures", "endometrial.csv"))
  for (control in list(list(maxit = 1), list(maxit = 4), list(epsilon = 1e-2), list(epsilon = 1e-14, maxit = 200))) {
    fit <- quietly(glmpp(HG ~ NV + PI + EH, binomial, endometrial, control = control))$fit
    expect_equal(fit$separation$coefficients, c(NV = Inf), label = deparse1(control))
    expect_no_separation(glmpp(HG ~ PI + EH, binomial, endometrial, control = control))
  }
})

# Small data of few distinct values, and small data of many, with both answers frequent.
random_case <- function(seed) {
  set.seed(seed)
  rows <- sample(5:40, 1)
  kinds <- sample(c("grid", "normal", "factor", "binary"), sample(1:3, 1), replace = TRUE)
  d <- lapply(kinds, function(kind) switch(kind,
    grid = sample(-2:2, rows, TRUE), normal = rnorm(rows), binary = rbinom(rows, 1, 0.3),
    factor = factor(sample(letters[1:3], rows, TRUE))
  ))
  d <- as.data.frame(structure(d, names = paste0("v", seq_along(d))))
  d <- d[, vapply(d, function(v) length(unique(v)) > 1, NA), drop = FALSE]
  if (!ncol(d)) d$v1 <- seq_len(rows)
  x <- model.matrix(~., d)
  eta <- drop(x %*% rnorm(ncol(x), 0, sample(c(0.5, 2, 6), 1)))
  models <- c("logit", "probit", "cloglog", "cauchit", "counts", "quasibinomial", "poisson", "quasipoisson", "negbin")
  model <- sample(models, 1)
  trials <- if (model == "counts") sample(0:3, rows, TRUE) else rep(1, rows)
  list(seed = seed, model = model, data = d, x = x, eta = eta, trials = trials)
}

check_case <- function(case) {
  d <- case$data
  is_count <- case$model %in% c("poisson", "quasipoisson", "negbin")
  if (is_count) {
    y <- rpois(nrow(d), exp(pmin(case$eta, 3) - 1))
    sides <- expected_sides(y, rep(1, nrow(d)), TRUE)
    response <- y
  } else {
    successes <- rbinom(nrow(d), case$trials, plogis(case$eta))
    sides <- expected_sides(successes, case$trials - successes, FALSE)
    response <- if (case$model == "counts") cbind(successes, case$trials - successes) else successes
  }
  family <- switch(case$model, counts = binomial(), quasibinomial = quasibinomial(), poisson = poisson(),
                   quasipoisson = quasipoisson(), negbin = MASS::negative.binomial(1.5), binomial(case$model))
  d$response <- response
  found <- quietly(glmpp(response ~ ., family, d, threads = 1))$fit$separation
  list(found = found, sides = sides)
}

test_that("random small data: as the linear programme has it, no miss and no false alarm", {
  skip_if_not_installed("MASS")
  old <- globalenv()$.Random.seed
  on.exit(if (!is.null(old)) assign(".Random.seed", old, globalenv()))
  is_brief <- nzchar(Sys.getenv("CI")) && !nzchar(Sys.getenv("GLMPP_ALL_TESTS"))
  seeds <- seq_len(if (is_brief) 300 else 2500)
  by_solver <- requireNamespace("lpSolve", quietly = TRUE)
  tally <- c(separated = 0, complete = 0, none = 0, missed = 0, false_alarm = 0)
  wrong <- integer()
  for (seed in seeds) {
    case <- random_case(seed)
    result <- check_case(case)
    sides <- result$sides
    expected <- has_separation(case$x, sides)
    if (by_solver && expected != has_separation_by_solver(case$x, sides)) fail(paste("the two checks differ, seed", seed))
    is_right <- expected == !is.null(result$found)
    if (expected && is_right) {
      direction <- result$found$direction
      moves <- drop(case$x %*% direction) * ifelse(is.na(sides), 0, sides)
      still <- drop(case$x %*% direction)[sides %in% 0]
      complete <- has_complete_separation(case$x, sides)
      is_right <- all(moves >= -1e-6) && any(moves > 1e-6) && all(abs(still) < 1e-6) &&
        complete == (result$found$type == "complete")
    }
    if (!is_right) wrong <- c(wrong, seed)
    tally["separated"] <- tally["separated"] + expected
    tally["complete"] <- tally["complete"] + identical(result$found$type, "complete")
    tally["none"] <- tally["none"] + !expected
    tally["missed"] <- tally["missed"] + (expected && is.null(result$found))
    tally["false_alarm"] <- tally["false_alarm"] + (!expected && !is.null(result$found))
  }
  cat(sprintf("\nSeeds %d to %d: %s.\n", min(seeds), max(seeds), paste(tally, names(tally), collapse = ", ")))
  expect_equal(unname(tally[c("missed", "false_alarm")]), c(0, 0))
  expect_identical(wrong, integer())
  expect_gt(min(tally[c("separated", "none")]), 0.2 * length(seeds))
})

test_that("a search that can't be finished is said, and the fit stands", {
  separated <- data.frame(x = 1:6, y = c(0, 0, 0, 1, 1, 1))
  fit_without_room <- function() with_replaced("orthogonal_basis", function(...) stop("no room"), glmpp(y ~ x, binomial, separated))
  expect_warning(
    warning <- expect_warning(fit <- fit_without_room(), class = "glmpp_warning_separation_check"),
    class = "glmpp_warning_extreme_means"
  )
  expect_match(conditionMessage(warning), "could not be decided.*no room")
  expect_s3_class(fit, "glmpp")
  expect_null(fit$separation)
})

test_that("rows are held and let go until none stands against the point that they leave", {
  set.seed(5)
  all_let_go <- 0
  for (case in 1:30) {
    count <- 12
    rows <- matrix(stats::rnorm(count * 40), count)
    # Some are combinations of others.
    rows[, 40] <- rows[, 1] + rows[, 2]
    rows <- sweep(rows, 2, sqrt(colSums(rows^2)), "/")
    free <- seq_len(40) %% 9 == 0
    total <- stats::rnorm(count) + if (case %% 3) 0 else rows[, 1]
    active <- active_rows_impl(total)
    point <- total
    held <- integer()
    for (step in 1:200) {
      against <- ifelse(free, -abs(crossprod(rows, point)), crossprod(rows, point))
      against[held] <- 0
      worst <- which.min(against)
      if (against[worst] > -1e-10) break
      nearest <- hold_row_impl(active, worst, rows[, worst], free[worst])
      all_let_go <- all_let_go + length(setdiff(held, nearest$ids))
      held <- nearest$ids
      point <- nearest$point
    }
    expect_lt(step, 200)
    # The conditions of an optimum (Kuhn and Tucker).
    amounts <- qr.coef(qr(rows[, held, drop = FALSE]), point - total)
    expect_equal(drop(rows[, held, drop = FALSE] %*% amounts), point - total, tolerance = 1e-12)
    expect_gte(min(amounts[!free[held]], 0), 0)
    expect_lt(max(abs(crossprod(rows[, held], point))), 1e-12)
    expect_gte(min(crossprod(rows, point)[!free]), -1e-10)
  }
  expect_gt(all_let_go, 10)
})

test_that("a search among many columns finds what is there, and nothing where there is none", {
  set.seed(11)
  x <- matrix(stats::rnorm(600 * 200), 600)
  direction <- rep(c(0.25, 0), c(10, 190))
  eta <- drop(x %*% direction)
  d <- data.frame(y = as.integer(stats::runif(600) < stats::pnorm(eta)), x)
  expect_warning(fit <- glmpp(y ~ ., binomial("probit"), d), class = "glmpp_warning_extreme_means")
  expect_null(fit$separation)
  d$y <- as.integer(eta > 0)
  expect_warning(fit <- glmpp(y ~ ., binomial("probit"), d), class = "glmpp_warning_separation")
  expect_true(all((drop(x %*% fit$separation$direction[-1]) + fit$separation$direction[1]) * (2 * d$y - 1) > 0))
})
