# Fits at one lambda of a penalty that is not smooth.

lasso_rows <- function(seed = 1, rows = 300) {
  with_local_seed(seed, {
    d <- data.frame(x1 = rnorm(rows), x2 = 10 * rnorm(rows) + 3, x3 = rnorm(rows), x4 = runif(rows),
                    g = factor(sample(letters[1:4], rows, TRUE)),
                    o = rnorm(rows, 0, 0.2), w = sample(1:3, rows, TRUE), out = rep(c(FALSE, TRUE), c(20, rows - 20)))
    eta <- 0.6 * d$x1 - 0.05 * d$x2 + 0.4 * (d$g == "b")
    d$number <- eta + rnorm(rows)
    d$binary <- rbinom(rows, 1, plogis(eta))
    d$count <- rpois(rows, exp(eta / 2))
    d$positive <- rgamma(rows, 4, 4 / exp(eta / 2))
    d
  })
}
right_side <- "x1 + x2 + x3 + x4 + g"
lasso_formula <- function(response, more = NULL, env = parent.frame()) reformulate(c(right_side, more), response, env = env)
lasso_families <- list(number = gaussian(), binary = binomial(), binary = binomial("probit"), count = poisson(), positive = Gamma("log"),
                       count = negative_binomial(2), positive = tweedie(1.5))
lasso_penalties <- list(lasso(0.03), elastic_net(0.05, 0.4), group_lasso(0.04), lasso(0.02, groups = "columns", penalty_factor = c(x1 = 0, x3 = 2)),
                        lasso(0.02, standardize = FALSE), lasso(4, scale = "sum"), lasso(0.01, lower = c(x1 = 0, x2 = 0), groups = "columns"))

# Coefficients of columns of unit variance.
expect_same_estimates <- function(a, b, spread, tolerance = 1e-7, label = NULL) {
  expect_lt(max(abs(a - b) * pmax(spread, 1)), tolerance, label = label)
}

test_that("a fit is the path at its lambda, for families and penalties, with weights and offsets", {
  d <- lasso_rows()
  for (k in seq_along(lasso_families)) for (penalty in lasso_penalties) {
    formula <- lasso_formula(names(lasso_families)[k], "offset(o)")
    fit <- glmpp(formula, lasso_families[[k]], d, penalty = penalty, weights = w, subset = out)
    path <- glmpp_path(formula, lasso_families[[k]], d, penalty = penalty, weights = w, subset = out, tolerance = 1e-9)
    label <- paste(lasso_families[[k]]$family, format(penalty))
    expect_true(fit$converged, label = label)
    expect_same_estimates(coef(fit), coef(path)[, 1], path$spread, label = label)
    expect_equal(deviance(fit), deviance(path), tolerance = 1e-9, label = label)
    expect_equal(fit$rank, path$df, label = label)
    expect_equal(as.numeric(logLik(fit)), path$log_likelihood, tolerance = 1e-9, label = label)
    expect_equal(attr(logLik(fit), "df"), attr(logLik(path), "df"), label = label)
    expect_identical(fit$solver$name, "proximal_newton")
  }
})

test_that("at lambda = 0 it is the plain fit", {
  d <- lasso_rows(2)
  for (k in seq_along(lasso_families)) {
    formula <- lasso_formula(names(lasso_families)[k])
    plain <- glmpp(formula, lasso_families[[k]], d, weights = w)
    fit <- glmpp(formula, lasso_families[[k]], d, weights = w, penalty = group_lasso(0))
    expect_lt(max(abs(coef(fit) - coef(plain)) / sqrt(diag(vcov(plain)))), 1e-7)
    expect_equal(fit[c("deviance", "null.deviance", "rank", "df.residual", "df.null", "aic")],
                 plain[c("deviance", "null.deviance", "rank", "df.residual", "df.null", "aic")], tolerance = 1e-9)
    expect_equal(fitted(fit), fitted(plain), tolerance = 1e-7)
  }
})

test_that("the optimality conditions hold, by hand", {
  d <- lasso_rows(3)
  fit <- glmpp(binary ~ x1 + x2 + x3 + x4, binomial, d, weights = w, penalty = elastic_net(0.03, 0.7, upper = c(x1 = 0.1)))
  x <- model.matrix(~ x1 + x2 + x3 + x4, d)
  share <- d$w / sum(d$w)
  sd <- sqrt(colSums(share * sweep(x, 2, colSums(share * x))^2))[-1]
  score <- colSums(share * (d$binary - fitted(fit)) * x)
  b <- coef(fit)[-1]
  expect_lt(abs(score[1]), 1e-9)
  # In the columns that are standardised.
  pull <- score[-1] / sd - 0.03 * 0.3 * sd * b
  expect_true(any(b == 0) && b[["x1"]] == 0.1)
  expect_true(all(abs(pull[b == 0]) <= 0.03 * 0.7 + 1e-9))
  inner <- b != 0 & names(b) != "x1"
  expect_equal(unname(pull[inner]), unname(0.03 * 0.7 * sign(b[inner])), tolerance = 1e-7)
  expect_gt(pull[["x1"]], 0.03 * 0.7)
  expect_lt(fit$solver$violation, 1e-9)
  expect_equal(unname(fit$solver$score), unname(score) * sum(d$w), tolerance = 1e-6)
  # What nll() says is the derivative of least length.
  said <- nll(binary ~ x1 + x2 + x3 + x4, binomial, d, coef(fit), weights = w, penalty = fit$penalty)
  expect_lt(max(abs(said$gradient)), 1e-6)
  plain <- nll(binary ~ x1 + x2 + x3 + x4, binomial, d, coef(fit), weights = w)
  expect_equal(said$value - plain$value, sum(d$w) * 0.03 * sum(0.7 * abs(sd * b) + 0.15 * (sd * b)^2), tolerance = 1e-10)
  expect_identical(nll(binary ~ x1 + x2 + x3 + x4, binomial, d, c(0, 1, 0, 0, 0), penalty = fit$penalty)$value, Inf)
})

test_that("glmnet's objective is not lower", {
  skip_if_not_installed("glmnet")
  d <- lasso_rows(4)
  for (penalty in list(lasso(0.02, groups = "columns"), ridge(3),
                       elastic_net(0.05, 0.3, groups = "columns", lower = c(x2 = -0.01), penalty_factor = c(x1 = 2)))) {
    for (k in c(1, 2, 4, 5)) {
      fit <- glmpp(lasso_formula(names(lasso_families)[k]), lasso_families[[k]], d, weights = w, offset = o, penalty = penalty)
      beside <- side_by_side(fit)
      expect_null(beside$reason)
      expect_lte(beside$objective[["glmpp"]], beside$objective[["glmnet"]] * (1 + 1e-9))
      # It ends loosely for families that it has no loop of its own for.
      expect_lt(beside$objective[["glmnet"]] - beside$objective[["glmpp"]], if (k == 5) 1e-6 else 1e-11)
      expect_lt(beside$violation[["glmpp"]], 1e-8)
      expect_output(print(beside), "glmnet")
    }
  }
  alone <- side_by_side(glmpp(lasso_formula("binary"), binomial, d, penalty = lasso(0.02)))
  expect_match(alone$reason, "groups")
  expect_named(alone$objective, "glmpp")
  expect_output(print(alone), "optimality")
})

test_that("every home gives the fit in memory", {
  d <- lasso_rows(5)
  here <- function(formula, family, penalty) glmpp(formula, family, d, weights = w, penalty = penalty)
  expect_same_fit <- function(there, here, tolerance = 1e-7) {
    expect_equal(coef(there), coef(here), tolerance = tolerance)
    expect_equal(there[c("deviance", "null.deviance", "rank", "df.residual", "aic", "converged")],
                 here[c("deviance", "null.deviance", "rank", "df.residual", "aic", "converged")], tolerance = 1e-7)
  }
  for (penalty in list(lasso(0.03), elastic_net(0.02, 0.5, groups = "columns", lower = c(x1 = 0)))) {
    for (k in c(1, 2, 4, 5)) {
      formula <- lasso_formula(names(lasso_families)[k])
      there <- glmpp(formula, lasso_families[[k]], chunks_of(d, 70), penalty = penalty, weights = w)
      expect_s3_class(there, "glmpp_remote")
      expect_same_fit(there, here(formula, lasso_families[[k]], penalty))
      expect_output(print(there), "Penalty")
      expect_output(print(summary(there)), "No standard errors")
    }
  }
  with_offset <- lasso(0.03, standardize = FALSE)
  formula <- lasso_formula("count", "offset(o)")
  expect_same_fit(glmpp(formula, poisson, chunks_of(d, 70), weights = w, penalty = with_offset), here(formula, poisson, with_offset))
  expect_error(glmpp(formula, poisson, chunks_of(d, 70), penalty = lasso(0.03)), "standardize = FALSE", class = "glmpp_error_argument")
  for (call in expression(vcov(there), confint(there), vcov(there, type = "HC1"), anova(there), drop1(there), summary(there, vcov = "HC0"),
                          predict(there, d, se.fit = TRUE), anova(there, there))) {
    expect_error(eval(call), class = "glmpp_error_penalty", label = deparse1(call))
  }
  expect_equal(predict(there, d), predict(here(lasso_formula("positive"), Gamma("log"), penalty), d), tolerance = 1e-6)
})

test_that("files, databases and nodes give the fit in memory", {
  d <- lasso_rows(6)
  formula <- lasso_formula("count")
  here <- glmpp(formula, poisson, d, penalty = lasso(0.05))
  file <- tempfile(fileext = ".csv")
  on.exit(unlink(file))
  write.csv(d, file, row.names = FALSE)
  expect_equal(coef(glmpp(formula, poisson, csv_chunks(file), penalty = lasso(0.05))), coef(here), tolerance = 1e-7)
  cluster <- local_cluster()
  there <- glmpp(formula, poisson, on_cluster(cluster, d[seq(part, nrow(d), by = parts), ]), penalty = lasso(0.05))
  expect_equal(coef(there), coef(here), tolerance = 1e-7)
  connection <- local_sqlite()
  DBI::dbWriteTable(connection, "d", transform(d, g = as.character(g)))
  for (where in c("stream", "database")) {
    source <- if (where == "stream") in_database(connection, "d") else in_database(connection, "d", where = where)
    expect_equal(coef(glmpp(formula, poisson, source, penalty = lasso(0.05))), coef(here), tolerance = 1e-7, label = where)
  }
})

test_that("many columns: of those that may enter alone", {
  d <- with_local_seed(7, {
    x <- matrix(rnorm(80 * 1100), 80, dimnames = list(NULL, paste0("v", 1:1100)))
    data.frame(y = rbinom(80, 1, plogis(x[, 1] - x[, 2])), x)
  })
  for (lambda in c(0.3, 0.1, 0.03)) {
    fit <- glmpp(y ~ ., binomial, d, penalty = lasso(lambda))
    path <- glmpp_path(y ~ ., binomial, d, lambda = lambda, tolerance = 1e-9)
    expect_lt(max(abs(coef(fit) - coef(path)[, 1])), 1e-6)
    expect_equal(fit$rank, path$df)
    # With a trace it goes over all.
    traced <- glmpp(y ~ ., binomial, d, penalty = lasso(lambda), trace = TRUE)
    expect_lt(max(abs(coef(fit) - coef(traced))), 1e-6)
    expect_equal(residuals(fit), residuals(traced), tolerance = 1e-6)
    expect_equal(fit$df.residual, traced$df.residual)
  }
  # More columns in the model than rows.
  dense <- glmpp(y ~ ., gaussian, d, penalty = elastic_net(0.001, 0.01))
  expect_gt(sum(coef(dense) != 0), 80)
  expect_identical(dense$rank, 80L)
  expect_false(anyNA(coef(dense)))
})

test_that("equal rows in groups, and threads, change nothing", {
  d <- with_local_seed(8, data.frame(g = factor(sample(letters[1:4], 30000, TRUE)), h = sample(0:3, 30000, TRUE)))
  d$y <- with_local_seed(9, rbinom(30000, 1, plogis(0.2 * d$h)))
  fit <- glmpp(y ~ g + h, binomial, d, penalty = lasso(0.01), trace = TRUE)
  expect_lte(fit$solver$grouped_rows, 16)
  whole <- glmpp(y ~ g + h, binomial, d, penalty = lasso(0.01), offset = rep(0, nrow(d)))
  expect_equal(coef(fit), coef(whole), tolerance = 1e-8)
  expect_equal(deviance(fit), deviance(whole), tolerance = 1e-11)
  # The trace is of the rows, with the penalty's part, and goes down.
  expect_false(is.unsorted(rev(fit$trace$deviance)))
  expect_gt(fit$trace$deviance[nrow(fit$trace)], deviance(fit))
  expect_identical(fit$iter, max(fit$trace$iteration))
  formula <- y ~ g + h
  expect_same_bits(function(threads) glmpp(formula, binomial, d, penalty = lasso(0.01), threads = threads), "lasso")
})

test_that("missing rows, matrices of columns, and aliased columns that are free", {
  d <- lasso_rows(10)
  d$x1[c(3, 8)] <- NA
  fit <- glmpp(number ~ x1 + x2 + g, gaussian, d, penalty = lasso(0.1), na.action = na.exclude)
  expect_identical(which(is.na(residuals(fit))), c("3" = 3L, "8" = 8L))
  complete <- glmpp(number ~ x1 + x2 + g, gaussian, na.omit(d), penalty = lasso(0.1))
  expect_equal(coef(fit), coef(complete), tolerance = 1e-10)
  d <- lasso_rows(10)
  d$m <- cbind(d$x1, d$x3)
  expect_equal(unname(coef(glmpp(number ~ m, gaussian, d, penalty = lasso(0.1)))),
               unname(coef(glmpp(number ~ x1 + x3, gaussian, d, penalty = lasso(0.1)))), tolerance = 1e-9)
  d$twice <- 2 * d$x1
  free <- glmpp(number ~ x1 + twice + x3, gaussian, d, penalty = lasso(0.1, penalty_factor = c(x1 = 0, twice = 0)))
  expect_true(is.na(coef(free)[["twice"]]))
  alone <- glmpp(number ~ x1 + x3, gaussian, d, penalty = lasso(0.1, penalty_factor = c(x1 = 0)))
  expect_equal(coef(free)[c("x1", "x3")], coef(alone)[c("x1", "x3")], tolerance = 1e-8)
  expect_identical(free$rank, alone$rank)
  started <- glmpp(number ~ x1 + twice + x3, gaussian, d, penalty = free$penalty, start = c(0, 1, 5, 0))
  expect_equal(coef(started), coef(free), tolerance = 1e-8)
  expect_equal(fitted(started), fitted(free), tolerance = 1e-8)
  # One of two equal columns, or both: the predictor is that of one.
  both <- glmpp(number ~ x1 + twice, gaussian, d, penalty = elastic_net(0.1, 0.5))
  expect_false(anyNA(coef(both)))
})

test_that("the object answers what a glm does", {
  d <- lasso_rows(11)
  fit <- glmpp(lasso_formula("binary"), binomial, d, penalty = lasso(0.03))
  b <- coef(fit)
  eta <- as.vector(model.matrix(fit) %*% b)
  expect_equal(unname(predict(fit)), eta, tolerance = 1e-10)
  expect_equal(unname(predict(fit, d[1:5, ], type = "response")), plogis(eta[1:5]), tolerance = 1e-10)
  expect_equal(predict(fit, d, type = "terms"), predict(fit, type = "terms"), tolerance = 1e-10, ignore_attr = TRUE)
  expect_no_warning(predict(fit, d[1:5, ], type = "terms"))
  expect_equal(sum(residuals(fit)^2), deviance(fit), tolerance = 1e-10)
  expect_identical(nobs(fit), 300L)
  expect_identical(dim(simulate(fit, 3, seed = 1)), c(300L, 3L))
  expect_equal(AIC(fit), -2 * as.numeric(logLik(fit)) + 2 * sum(b != 0))
  expect_equal(coef(update(fit, penalty = lasso(0.05))), coef(glmpp(lasso_formula("binary"), binomial, d, penalty = lasso(0.05))))
  expect_null(update(fit, penalty = NULL)$penalty)
  again <- refit(fit, weights = d$w)
  expect_equal(coef(again), coef(update(fit, weights = w)), tolerance = 1e-8)
  for (keep in c("rows", "summary")) {
    lean <- update(fit, keep = keep)
    expect_identical(coef(lean), b)
    expect_output(print(summary(lean)), "No standard errors")
    expect_equal(predict(lean, d[1:3, ]), predict(fit, d[1:3, ]))
  }
  expect_output(print(fit), sprintf("Penalty: lasso(lambda = 0.03); %d of 8 coefficients are zero", sum(b == 0)), fixed = TRUE)
  pdf(NULL)
  on.exit(dev.off())
  expect_no_error(plot(fit))
  expect_error(plot(fit, which = 5), class = "glmpp_error_penalty")
})

test_that("a summary says what it is, and gives no errors", {
  d <- lasso_rows(12)
  fit <- glmpp(lasso_formula("number"), gaussian, d, penalty = lasso(0.1))
  said <- summary(fit)
  expect_identical(colnames(coef(said)), "Estimate")
  expect_equal(said$dispersion, sum(residuals(fit)^2) / (300 - sum(coef(fit) != 0)), tolerance = 1e-10)
  expect_null(said$cov.unscaled)
  expect_output(print(said), "No standard errors: .*select_fit")
  expect_no_match(paste(capture.output(print(said)), collapse = " "), "singularities")
  # Of a ridge fit there are effective degrees of freedom.
  ridged <- glmpp(lasso_formula("binary"), binomial, d, penalty = ridge(4))
  x <- model.matrix(ridged)
  h <- crossprod(x, x * ridged$weights)
  p <- diag(c(0, rep(4, ncol(x) - 1)))
  expect_equal(summary(ridged)$effective_df, sum(diag(solve(h + p, h))), tolerance = 1e-8)
  expect_output(print(summary(ridged)), "Effective degrees of freedom")
  expect_equal(summary(glmpp(lasso_formula("binary"), binomial, chunks_of(d, 100), penalty = ridge(4)))$effective_df, summary(ridged)$effective_df,
               tolerance = 1e-7)
})

test_that("what is not known of such fits is refused with the reason", {
  d <- lasso_rows(13)
  fit <- glmpp(lasso_formula("binary"), binomial, d, penalty = lasso(0.03))
  refused <- expression(
    vcov(fit), vcov(fit, type = "HC3"), vcov(fit, cluster = ~ w, type = "HC1"), confint(fit), confint(fit, method = "wald"),
    confint(fit, method = "bootstrap"), anova(fit), anova(fit, fit), anova(fit, vcov = "HC1"), drop1(fit), add1(fit, ~ . + o), hatvalues(fit),
    influence(fit), cooks.distance(fit), rstandard(fit), rstudent(fit), dfbeta(fit), dfbetas(fit), predict(fit, se.fit = TRUE),
    predict(fit, d, se.fit = TRUE), summary(fit, vcov = "HC1"), summary(fit, correlation = TRUE), as.glm(fit), fit$qr, bootstrap(fit),
    cv_deviance(fit), refitter(fit), effects_table(fit), average_effects(fit), coefficient_intervals(fit), likelihood_surface(fit)
  )
  for (call in refused) {
    error <- expect_error(eval(call), class = "glmpp_error_penalty", label = deparse1(call))
    expect_match(conditionMessage(error), "\ni ", label = deparse1(call))
  }
  skip_if_not_installed("sandwich")
  expect_error(sandwich::vcovHC(fit), class = "glmpp_error_penalty")
  expect_error(sandwich::sandwich(fit), class = "glmpp_error_penalty")
})

test_that("what can't be fitted is refused before any work", {
  d <- lasso_rows(14)
  argument <- function(expr, what) expect_error(expr, what, class = "glmpp_error_argument")
  argument(glmpp(number ~ x1, gaussian, d, penalty = lasso()), "glmpp_path")
  argument(glmpp(number ~ x1, gaussian, d, penalty = lasso(c(1, 2))), "It has 2")
  argument(glmpp(number ~ x1 + g, gaussian, d, penalty = lasso(1, penalty_factor = c(x9 = 1))), "x9")
  argument(glmpp(number ~ x1 + g, gaussian, d, penalty = lasso(1, lower = c(g = 0))), "group")
  for (solver in setdiff(names(glmpp:::solver_makers), "auto")) {
    for (data in list(d, chunks_of(d, 100))) {
      expect_error(glmpp(number ~ x1, gaussian, data, penalty = lasso(1), solver = solver), "smooth", class = "glmpp_error_solver", label = solver)
    }
  }
  expect_error(glmpp(binary ~ x1, binomial, d, penalty = lasso(1), bias_reduction = "mean"), class = "glmpp_error_bias_reduction")
  expect_error(glmpp(g ~ x1, multinomial(), d, penalty = lasso(1)), "glmpp_path", class = "glmpp_error_family")
  expect_error(glmpp(factor(w, ordered = TRUE) ~ x1, ordinal(), d, penalty = lasso(1)), class = "glmpp_error_family")
  expect_error(glmpp(count ~ x1, negative_binomial(), d, penalty = lasso(1)), "theta", class = "glmpp_error_family")
})

test_that("what has no optimum, or was not reached, says so", {
  d <- transform(lasso_rows(15), told = as.numeric(x1 > 0))
  expect_warning(glmpp(told ~ x1 + x3, binomial, d, penalty = lasso(0)), class = "glmpp_warning_separation")
  expect_warning(glmpp(told ~ x1 + x3, binomial, d, penalty = lasso(0.1, penalty_factor = c(x1 = 0))), "nothing holds run to infinity",
                 class = "glmpp_warning_extreme_means")
  expect_no_warning(glmpp(told ~ x1 + x3, binomial, d, penalty = lasso(0.1)))
  problem <- glmpp:::problem_of(glmpp(number ~ x1, gaussian, d))
  settings <- glmpp:::new_settings(list(), penalty = lasso(0.1))
  short <- replace(glmpp:::fit_problem(problem, settings = settings), c("converged", "reason"), list(FALSE, "iteration_limit"))
  expect_warning(glmpp:::warn_unless_converged(short, "x1", gaussian(), settings), "optimality conditions", class = "glmpp_warning_convergence")
})

test_that("select_fit() refits what a fit chose", {
  d <- lasso_rows(16)
  fit <- glmpp(lasso_formula("number"), gaussian, d, penalty = lasso(0.15), weights = w)
  refitted <- select_fit(fit)
  expect_null(refitted$penalty)
  expect_equal(coef(refitted), coef(glmpp(formula(refitted), gaussian, d, weights = w)))
  expect_false("x4" %in% all.vars(formula(refitted)))
  half <- update(refitted, data = d[1:150, ])
  expect_identical(nobs(half), 150L)
})

test_that("fits and paths become data frames", {
  skip_if_not_installed("generics")
  d <- lasso_rows(17)
  fit <- glmpp(lasso_formula("binary"), binomial, d, penalty = lasso(0.03))
  expect_equal(generics::tidy(fit)$estimate, unname(coef(fit)))
  expect_named(generics::tidy(fit), c("term", "estimate"))
  expect_equal(generics::tidy(fit, exponentiate = TRUE)$estimate, unname(exp(coef(fit))))
  expect_error(generics::tidy(fit, conf.int = TRUE), class = "glmpp_error_penalty")
  expect_error(generics::tidy(fit, vcov = "HC1"), class = "glmpp_error_penalty")
  expect_equal(generics::glance(fit)$df.residual, 300 - sum(coef(fit) != 0))
  expect_equal(generics::augment(fit)$.fitted, unname(predict(fit)))
  expect_equal(generics::augment(fit, newdata = d[1:3, ], type.predict = "response")$.fitted, unname(predict(fit, d[1:3, ], type = "response")))
  path <- glmpp_path(lasso_formula("binary"), binomial, d, nlambda = 10)
  tidied <- generics::tidy(path)
  expect_named(tidied, c("term", "step", "estimate", "lambda", "dev.ratio"))
  expect_equal(nrow(tidied), sum(path$coefficients != 0))
  expect_equal(nrow(generics::tidy(path, return_zeros = TRUE)), length(path$coefficients))
  expect_equal(generics::glance(path)$nulldev, path$null.deviance)
  cv <- glmpp_cv(lasso_formula("binary"), binomial, d, nlambda = 10, folds = 5, seed = 1)
  expect_equal(generics::tidy(cv)$estimate, cv$mean)
  expect_equal(generics::tidy(cv)$nzero, unname(colSums(cv$path$coefficients[-1, ] != 0)))
  expect_equal(generics::glance(cv)$lambda.1se, cv$lambda.1se)
})

test_that("columns without variance are no degrees of freedom, and printed as not defined", {
  d <- transform(mtcars, constant = 3.1)
  path <- glmpp_path(mpg ~ wt + constant + hp, gaussian, d, nlambda = 5)
  expect_identical(path$df, glmpp_path(mpg ~ wt + hp, gaussian, mtcars, lambda = path$lambda)$df)
  fit <- glmpp(mpg ~ wt + constant + hp, gaussian, d, penalty = lasso(0.1))
  expect_true(is.na(coef(fit)[["constant"]]))
  shown <- capture.output(print(summary(fit)))
  expect_match(shown, "1 not defined", all = FALSE, fixed = TRUE)
  expect_match(shown, "^constant +NA$", all = FALSE)
  expect_match(shown, "^hp +-0", all = FALSE)
})
