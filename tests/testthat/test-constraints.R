# Fits under linear constraints.

skip_if_not_installed("quadprog")

constraint_rows <- function(seed = 1, rows = 400) {
  with_local_seed(seed, {
    d <- data.frame(x1 = rnorm(rows), x2 = 5 * rnorm(rows) + 2, x3 = rnorm(rows), g = factor(sample(letters[1:4], rows, TRUE)),
                    o = rnorm(rows, 0, 0.2), w = sample(1:3, rows, TRUE), id = sample(40, rows, TRUE))
    eta <- 0.5 * d$x1 - 0.1 * d$x2 + 0.3 * (d$g == "b")
    d$number <- eta + rnorm(rows)
    d$binary <- rbinom(rows, 1, plogis(eta))
    d$count <- rpois(rows, exp(eta / 2))
    d$positive <- rgamma(rows, 3, 3 / exp(eta / 2))
    d
  })
}
constraint_formula <- function(response, right = "x1 + x2 + x3 + g", env = parent.frame()) reformulate(right, response, env = env)
constraint_families <- list(number = gaussian(), binary = quasibinomial(), binary = quasibinomial("probit"), count = quasipoisson(),
                            positive = Gamma("log"), positive = inverse.gaussian("log"), binary = quasibinomial("cloglog"))
equalities <- c("x1 + x2 = 0.2", "gb = gc")
# The same model without constraints.
reparametrised <- function(response, family, data) {
  formula <- reformulate(c("I(x1 - x2)", "x3", "I((g == 'b') + (g == 'c'))", "I(g == 'd')"), response)
  # Its null model need not converge.
  suppressWarnings(glm(formula, family, data, weights = w, offset = o + 0.2 * x2, control = glm.control(1e-14, 100)))
}

test_that("equalities are the model written without them, with its standard errors", {
  d <- constraint_rows()
  environment(reparametrised) <- environment()
  for (k in seq_along(constraint_families)) {
    family <- constraint_families[[k]]
    fit <- glmpp(constraint_formula(names(constraint_families)[k]), family, d, weights = w, offset = o, constraints = equalities)
    plain <- reparametrised(names(constraint_families)[k], family, d)
    b <- unname(coef(plain))
    label <- paste(family$family, family$link)
    expect_true(fit$converged, label = label)
    expect_lt(max(abs(coef(fit) - c(b[1:2], 0.2 - b[2], b[3], b[4], b[4], b[5]))), 1e-7, label = label)
    expect_equal(deviance(fit), deviance(plain), tolerance = 1e-10, label = label)
    expect_identical(fit$df.residual, plain$df.residual)
    expect_identical(fit$rank, plain$rank)
    map <- rbind(diag(5)[1:2, ], c(0, -1, 0, 0, 0), diag(5)[c(3, 4, 4, 5), ])
    expect_equal(unname(vcov(fit)), unname(map %*% vcov(plain) %*% t(map)), tolerance = 1e-6, label = label)
    expect_equal(unname(coef(summary(fit))[c(1, 2, 4, 5, 6, 7), ]), unname(coef(summary(plain)))[c(1, 2, 3, 4, 4, 5), ], tolerance = 1e-6,
                 label = label)
    expect_equal(unname(predict(fit, d[1:5, ], se.fit = TRUE)$se.fit),
                 unname(predict(plain, d[1:5, ], se.fit = TRUE)$se.fit), tolerance = 1e-6, label = label)
    expect_equal(predict(fit, type = "response"), fitted(plain), tolerance = 1e-8)
    skip_if_not_installed("sandwich")
    expect_equal(unname(vcov(fit, type = "HC0")), unname(map %*% sandwich::vcovHC(plain, "HC0") %*% t(map)), tolerance = 1e-5, label = label)
    clustered <- sandwich::vcovCL(plain, ~ id, type = "HC1")
    expect_equal(unname(vcov(fit, type = "HC1", cluster = ~ id)), unname(map %*% clustered %*% t(map)), tolerance = 1e-5, label = label)
  }
})

test_that("inequalities are the bounds of a lasso of strength zero", {
  d <- constraint_rows(2)
  for (k in 1:5) {
    formula <- constraint_formula(names(constraint_families)[k], c("x1", "x2", "x3"))
    bounded <- glmpp(formula, constraint_families[[k]], d, weights = w, penalty = lasso(0, lower = c(x2 = 0, x3 = 0), upper = c(x1 = 0.1)))
    fit <- glmpp(formula, constraint_families[[k]], d, weights = w, constraints = c("x2 >= 0", "x3 >= 0", "x1 <= 0.1"))
    expect_lt(max(abs(coef(fit) - coef(bounded))), 1e-7)
    expect_identical(coef(fit)[["x2"]], 0)
    expect_equal(deviance(fit), deviance(bounded), tolerance = 1e-10)
    expect_identical(fit$constraints$active[[1]], TRUE)
  }
})

test_that("the conditions of Karush, Kuhn and Tucker hold", {
  d <- constraint_rows(3)
  formula <- constraint_formula("binary")
  constraints <- linear_constraints("gb >= gc + 0.5", "x1 <= 0.3", "x2 >= -10", "x3 + gd = 0.1",
                                    matrix = rbind(sum = c(gb = 1, gc = 1, gd = 1)), lower = -0.2, upper = 0.3)
  fit <- glmpp(formula, binomial, d, weights = w, constraints = constraints)
  found <- fit$constraints
  expect_s3_class(found, "glmpp_constraints")
  x <- model.matrix(fit)
  gradient <- -colSums(d$w * (d$binary - fitted(fit)) * x)
  expect_equal(gradient, drop(crossprod(found$matrix, found$multiplier)), tolerance = 1e-7, ignore_attr = TRUE)
  expect_true(all(found$value >= found$lower - 1e-10 & found$value <= found$upper + 1e-10))
  expect_equal(unname(found$value), unname(drop(found$matrix %*% coef(fit))))
  at_lower <- abs(found$value - found$lower) < 1e-10
  at_upper <- abs(found$value - found$upper) < 1e-10
  expect_true(all(found$multiplier[!at_lower & !at_upper] == 0))
  expect_true(all(found$multiplier[at_lower & !at_upper] >= 0) && all(found$multiplier[at_upper & !at_lower] <= 0))
  expect_identical(unname(found$active), unname(at_lower | at_upper))
  expect_gt(sum(found$active), 2)
  expect_equal(fit$rank, ncol(x) - sum(found$active))
  # A multiplier is the derivative of the least negative log-likelihood by the bound.
  moved <- function(by) {
    shifted <- replace(constraints, "upper", list(constraints$upper + c(0, by, 0, 0, 0)))
    deviance(glmpp(formula, binomial, d, weights = w, constraints = shifted)) / 2
  }
  expect_equal((moved(1e-4) - moved(-1e-4)) / 2e-4, found$multiplier[[2]], tolerance = 1e-6)
  # No allowed direction goes down.
  inside <- function(b) all(found$matrix %*% b >= found$lower - 1e-12 & found$matrix %*% b <= found$upper + 1e-12)
  lower <- with_local_seed(1, replicate(300, {
    b <- coef(fit) + rnorm(7) * 0.05
    b["gd"] <- 0.1 - b["x3"]
    if (inside(b)) sum(binomial()$dev.resids(d$binary, plogis(x %*% b), d$w)) - deviance(fit) else NA
  }))
  expect_gt(sum(!is.na(lower)), 5)
  expect_gte(min(lower, na.rm = TRUE), 0)
})

test_that("every home gives the fit in memory", {
  d <- constraint_rows(4)
  constraints <- linear_constraints("x1 <= 0.3", "gb = gc")
  formula <- constraint_formula("count")
  here <- glmpp(formula, poisson, d, weights = w, constraints = constraints)
  cluster <- local_cluster()
  connection <- local_sqlite()
  DBI::dbWriteTable(connection, "d", transform(d, g = as.character(g)))
  homes <- list(chunks_of(d, 70), on_cluster(cluster, d[seq(part, nrow(d), by = parts), ]), in_database(connection, "d"),
                in_database(connection, "d", where = "database"))
  for (home in homes) {
    there <- glmpp(formula, poisson, home, weights = w, constraints = constraints)
    expect_equal(coef(there), coef(here), tolerance = 1e-9)
    expect_equal(there$constraints, here$constraints, tolerance = 1e-7)
    numbers <- c("deviance", "null.deviance", "rank", "df.residual", "aic")
    expect_equal(there[numbers], here[numbers], tolerance = 1e-10)
    expect_output(print(there), "Constraints")
    expect_output(print(summary(there)), "multiplier")
  }
  equal <- glmpp(formula, poisson, chunks_of(d, 70), weights = w, constraints = "gb = gc")
  expect_equal(vcov(equal), vcov(glmpp(formula, poisson, d, weights = w, constraints = "gb = gc")), tolerance = 1e-8)
})

test_that("constraints are read as they are written", {
  read <- function(text) {
    made <- linear_constraints(text)
    list(row = structure(as.vector(made$matrix), names = colnames(made$matrix)), lower = made$lower, upper = made$upper)
  }
  expect_identical(read("x1 + x2 = 1"), list(row = c(x1 = 1, x2 = 1), lower = 1, upper = 1))
  expect_identical(read("x1 >= x2"), list(row = c(x1 = 1, x2 = -1), lower = 0, upper = Inf))
  expect_identical(read("2 * (x1 - x2) / 4 + 1 <= -x1 + 3"), list(row = c(x1 = 1.5, x2 = -0.5), lower = -Inf, upper = 2))
  expect_identical(read("`(Intercept)` == -1")$row, c("(Intercept)" = 1))
  expect_identical(names(read("log(x) - I(x^2) + a:b >= 0")$row), c("log(x)", "I(x^2)", "a:b"))
  for (bad in list("x1", "x1 > 1", "0 <= x1 <= 1", "x1 * x2 = 1", "1 / x1 = 2", "x1 =", 3, NA_character_, "x1 - x1 = 0")) {
    expect_error(linear_constraints(bad), class = "glmpp_error_argument", label = format(bad))
  }
  expect_error(linear_constraints(), class = "glmpp_error_argument")
  expect_error(linear_constraints(matrix = diag(2)), class = "glmpp_error_argument")
  expect_error(linear_constraints(matrix = c(x = 1)), "bound", class = "glmpp_error_argument")
  expect_error(linear_constraints(matrix = c(x = 1), lower = 1, upper = 0), "above", class = "glmpp_error_argument")
  expect_error(linear_constraints(matrix = c(x = 1), lower = c(1, 2)), "one for each row", class = "glmpp_error_argument")
  expect_output(print(linear_constraints("x1 = 1", matrix = c(x2 = 1), lower = 0)), "0 <= x2")
})

test_that("what can't be fitted is refused", {
  d <- constraint_rows(5)
  fit_with <- function(...) glmpp(binary ~ x1 + x3, binomial, d, ...)
  expect_error(fit_with(constraints = "x9 = 1"), "x9", class = "glmpp_error_argument")
  expect_error(fit_with(constraints = 3), class = "glmpp_error_argument")
  expect_error(fit_with(constraints = c("x1 >= 1", "x1 <= 0")), "No coefficients meet", class = "glmpp_error_constraints")
  expect_error(fit_with(constraints = c("x1 = 1", "2 * x1 = 2")), "follow from each other", class = "glmpp_error_constraints")
  expect_error(fit_with(constraints = c("x1 = 1", "x1 = 2")), class = "glmpp_error_constraints")
  expect_error(glmpp(binary ~ x1 + I(2 * x1), binomial, d, constraints = "x1 >= 0"), "Aliased", class = "glmpp_error_singular")
  expect_error(fit_with(constraints = "x1 = 0", penalty = lasso(1)), "bounds", class = "glmpp_error_argument")
  expect_error(fit_with(constraints = "x1 = 0", penalty = ridge(1)), "penalty", class = "glmpp_error_argument")
  expect_error(fit_with(constraints = "x1 = 0", bias_reduction = "mean"), "bias", class = "glmpp_error_argument")
  expect_error(fit_with(constraints = "x1 = 0", solver = "lbfgs"), "lbfgs", class = "glmpp_error_argument")
  expect_error(glmpp(g ~ x1, multinomial(), d, constraints = "x1 = 0"), class = "glmpp_error_argument")
  expect_error(glmpp(count ~ x1, negative_binomial(), d, constraints = "x1 = 0"), class = "glmpp_error_family")
  expect_error(glmpp(I(x1 > 0) ~ x1 + x3, binomial, d, constraints = "x3 = 0"), "runs to infinity", class = "glmpp_error_singular")
  with_replaced("need_package", function(...) glmpp:::stop_glmpp("package", "missing"), {
    expect_error(fit_with(constraints = "x1 = 0"), class = "glmpp_error_package")
  })
})

test_that("inference stops where an inequality is active, and what reads leverages everywhere", {
  d <- constraint_rows(6)
  formula <- constraint_formula("binary")
  edge <- glmpp(formula, binomial, d, constraints = "x1 <= 0.1")
  expect_true(edge$constraints$active)
  for (call in expression(vcov(edge), confint(edge), vcov(edge, type = "HC1"), predict(edge, se.fit = TRUE), summary(edge, vcov = "HC0"),
                          anova(edge, update(edge, constraints = NULL)), effects_table(edge), average_effects(edge))) {
    expect_error(eval(call), "x1 <= 0.1", class = "glmpp_error_covariance", label = deparse1(call))
  }
  expect_identical(colnames(coef(summary(edge))), "Estimate")
  expect_output(print(summary(edge)), "edge")
  fit <- glmpp(formula, binomial, d, constraints = "gb = gc")
  for (call in expression(hatvalues(fit), influence(fit), cooks.distance(fit), rstandard(fit), as.glm(fit), fit$qr, bootstrap(fit),
                          refitter(fit),
                          vcov(fit, type = "HC3"), vcov(fit, type = "observed"), side_by_side(fit), likelihood_surface(fit),
                          predict(fit, type = "terms", se.fit = TRUE))) {
    expect_error(eval(call), "constraints", class = "glmpp_error_covariance", label = deparse1(call))
  }
  for (call in expression(drop1(fit), add1(fit, ~ . + o), anova(fit))) {
    expect_error(eval(call), class = "glmpp_error_penalty", label = deparse1(call))
  }
  # An inequality that holds nothing changes nothing.
  idle <- glmpp(formula, binomial, d, constraints = c("gb = gc", "x1 <= 100"))
  expect_equal(vcov(idle), vcov(fit), tolerance = 1e-8)
  test <- anova(fit, update(fit, constraints = NULL), test = "Chisq")
  expect_identical(test$Df[2], 1)
})

test_that("the object answers what a glm does", {
  d <- constraint_rows(7)
  fit <- glmpp(constraint_formula("count"), poisson, d, constraints = "x1 = 2 * x3", trace = "coefficients")
  eta <- as.vector(model.matrix(fit) %*% coef(fit))
  expect_equal(unname(predict(fit)), eta, tolerance = 1e-10)
  expect_equal(predict(fit, d, type = "terms"), predict(fit, type = "terms"), tolerance = 1e-10, ignore_attr = TRUE)
  expect_equal(attr(logLik(fit), "df"), 6)
  expect_identical(nobs(fit), 400L)
  expect_false(is.unsorted(rev(fit$trace$deviance)))
  expect_equal(unname(attr(fit$trace, "coefficients")[nrow(fit$trace), ]), unname(coef(fit)), tolerance = 1e-6)
  again <- refit(fit, weights = d$w)
  expect_equal(coef(again), coef(update(fit, weights = w)), tolerance = 1e-8)
  expect_null(update(fit, constraints = NULL)$constraints)
  expect_identical(coef(update(fit, keep = "summary")), coef(fit))
  expect_equal(confint(fit), confint(fit, method = "wald"))
  # As many constraints as coefficients.
  full <- glmpp(number ~ x1, gaussian, d, constraints = c("x1 = 1", "`(Intercept)` = 2"))
  expect_identical(unname(coef(full)), c(2, 1))
  expect_identical(unname(vcov(full)), matrix(0, 2, 2))
  # Of what is fixed there is no test.
  fixed <- coef(summary(glmpp(number ~ x1 + x3, gaussian, d, constraints = "x3 = 0.5")))
  expect_identical(unname(fixed["x3", ]), c(0.5, 0, NA, NA))
  expect_equal(fixed["x1", ], coef(summary(glmpp(number ~ x1, gaussian, d, offset = 0.5 * x3)))["x1", ], tolerance = 1e-8)
  expect_equal(deviance(full), sum((d$number - 2 - d$x1)^2))
  perfect <- glmpp(I(2 * x1 + 1) ~ x1 + x3, gaussian, d, constraints = "x3 = 0")
  expect_true(perfect$converged)
  pdf(NULL)
  on.exit(dev.off())
  expect_no_error(plot(fit))
  skip_if_not_installed("generics")
  expect_named(generics::tidy(fit), c("term", "estimate", "std.error", "statistic", "p.value"))
})
