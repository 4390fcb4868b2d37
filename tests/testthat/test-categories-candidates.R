# drop1(), add1(), anova() and step() of fits of categories: models that are held columns of one open problem.

candidate_classes <- function() {
  set.seed(5)
  d <- data.frame(x = rnorm(240), z = runif(240), a = factor(sample(letters[1:3], 240, TRUE)), b = factor(sample(c("u", "v"), 240, TRUE)),
                  w = rep_len(0:3, 240), o = rnorm(240) / 3)
  eta <- d$x + (d$a == "b") + rlogis(240)
  d$y <- cut(eta, c(-Inf, -0.5, 1, Inf), c("p", "q", "r"))
  d$twice <- d$x + d$z
  d$gaps <- replace(d$z, c(3, 50, 77), NA)
  d
}

category_families <- list(multinomial(), multinomial(FALSE), multinomial("r"), ordinal(), ordinal("probit"))

# The table of `verb` beside a fit of each of its models; `data`: the rows that all of them have.
expect_refits <- function(fit, verb, scope = NULL, data = fit$data) {
  table <- if (is.null(scope)) verb(fit, test = "Chisq") else verb(fit, scope, test = "Chisq")
  sign <- if (identical(verb, drop1)) "-" else "+"
  call <- fit$call
  call$control <- glmpp_control(epsilon = 1e-13)
  refit <- function(formula) {
    call$formula <- formula
    call$data <- data
    eval(call, environment(formula), parent.frame())
  }
  base <- refit(formula(fit))
  others <- lapply(rownames(table)[-1], function(term) refit(update(formula(fit), paste(". ~ .", sign, term))))
  all <- c(list(base), others)
  deviances <- vapply(all, deviance, 0)
  df <- vapply(others, function(other) abs(other$rank - base$rank), 0)
  gain <- abs(deviances[-1] - deviances[1])
  label <- paste(fit$family$family, deparse1(formula(fit)))
  expect_equal(table$Deviance, deviances, tolerance = 1e-9, label = label)
  expect_equal(table$AIC, vapply(all, AIC, 0), tolerance = 1e-9, label = label)
  expect_equal(table$Df[-1], df, label = label)
  expect_equal(table$LRT[-1], gain, tolerance = 1e-7, label = label)
  expect_equal(table[["Pr(>Chi)"]][-1], pchisq(gain, ifelse(df > 0, df, NA), lower.tail = FALSE), tolerance = 1e-7, label = label)
  invisible(table)
}

test_that("the tables are those of fits by hand", {
  d <- candidate_classes()
  for (family in category_families) {
    expect_refits(glmpp(y ~ x + a * b + z, family, d, weights = w), drop1)
    expect_refits(glmpp(y ~ x + a, family, d, weights = w), add1, ~ . + z + b + I(x^2) + x:a)
    expect_refits(glmpp(y ~ x + z + twice, family, d), drop1)
    expect_refits(glmpp(y ~ x + poly(z, 2) + log(w + 1), family, d, subset = x > -1, model = FALSE), drop1)
    expect_identical(dim(drop1(glmpp(y ~ 1, family, d))), c(1L, 3L))
  }
  expect_refits(glmpp(y ~ x + a + offset(o), ordinal(), d), drop1)
  expect_refits(glmpp(y ~ x + a + offset(o), ordinal(), d), add1, ~ . + z)
  expect_refits(glmpp(y ~ x + a, multinomial(), d, offset = cbind(o, 0, -o)), drop1)
  expect_refits(glmpp(y ~ x + a, multinomial(), d, offset = cbind(o, 0, -o)), add1, ~ . + z)
  d$counts <- cbind(p = rpois(240, 3), q = rpois(240, 2), r = rpois(240, exp(0.3 * d$x)))
  expect_refits(glmpp(counts ~ x + a, multinomial(), d), drop1)
  expect_refits(glmpp(counts ~ x + a, multinomial(), d), add1, ~ . + z)
})

test_that("a factor is coded as the smaller or larger model codes it", {
  d <- candidate_classes()
  for (family in category_families[c(1, 2, 4)]) {
    expect_identical(drop1(glmpp(y ~ a * b, family, d), c("a", "b"))$Df, c(NA, 0, 0))
    expect_refits(glmpp(y ~ a:b, family, d), add1, ~ . + a + z)
    expect_refits(glmpp(y ~ x + a, family, d), add1, c("b", "b:z", "z"))
  }
  expect_refits(glmpp(y ~ x + a + b - 1, multinomial(), d), drop1)
  expect_refits(glmpp(y ~ x - 1, multinomial(), d), add1, ~ . + a + b + z)
  expect_refits(glmpp(y ~ a - 1, multinomial(), d), drop1)
  sums <- glmpp(y ~ a + x, multinomial(), d, contrasts = list(a = "contr.sum"))
  expect_equal(drop1(sums)$Deviance, drop1(glmpp(y ~ a + x, multinomial(), d))$Deviance, tolerance = 1e-10)
})

test_that("the tables are those of nnet and MASS fits", {
  skip_without("nnet", "MASS")
  housing <- MASS::housing
  ours <- glmpp(Sat ~ Infl + Type + Cont, multinomial(), housing, weights = Freq)
  theirs <- lapply(list(Sat ~ Infl + Type + Cont, Sat ~ Type + Cont, Sat ~ Infl + Cont, Sat ~ Infl + Type), function(formula) {
    eval(bquote(nnet::multinom(.(formula), housing, weights = Freq, trace = FALSE, reltol = 1e-15, maxit = 1e4)))
  })
  expect_equal(drop1(ours)$Deviance, vapply(theirs, deviance, 0), tolerance = 1e-8)
  expect_equal(drop1(ours)$AIC, vapply(theirs, AIC, 0), tolerance = 1e-8)
  added <- add1(update(ours, . ~ Type + Cont), ~ . + Infl, test = "Chisq")
  expect_equal(added[2, "Pr(>Chi)"], pchisq(deviance(theirs[[2]]) - deviance(theirs[[1]]), 4, lower.tail = FALSE), tolerance = 1e-6)
  ordered <- glmpp(Sat ~ Infl + Type + Cont, ordinal(), housing, weights = Freq)
  polr <- MASS::polr(Sat ~ Infl + Type + Cont, housing, weights = Freq, control = list(reltol = 1e-14, maxit = 1e4))
  columns <- c("Df", "AIC", "LRT", "Pr(>Chi)")
  expect_same <- function(ask) expect_equal(ask(ordered)[columns], as.data.frame(ask(polr))[columns], tolerance = 1e-6, ignore_attr = TRUE)
  expect_same(function(fit) drop1(fit, test = "Chisq"))
  expect_same(function(fit) add1(fit, ~ .^2, test = "Chisq"))
})

suppress_class <- function(expression, class) {
  withCallingHandlers(expression, warning = function(w) if (inherits(w, class)) invokeRestart("muffleWarning"))
}

test_that("missing values are left out as add1() of a glm does", {
  d <- candidate_classes()
  for (family in category_families[c(1, 2, 4)]) {
    fit <- glmpp(y ~ x + a, family, d, na.action = na.exclude)
    expect_warning(table <- add1(fit, ~ . + gaps + b), "using the 237/240 rows from a combined fit", class = "glmpp_warning_rows")
    expect_identical(rownames(table), c("<none>", "gaps", "b"))
    suppressWarnings(expect_refits(fit, add1, ~ . + gaps + b, quote(d[!is.na(d$gaps), ])))
    expect_refits(glmpp(y ~ x + gaps, family, d), drop1, NULL, quote(d[!is.na(d$gaps), ]))
  }
  d$gaps[d$y == "r"] <- NA
  fit <- glmpp(y ~ x, multinomial(), d)
  expect_warning(table <- suppress_class(add1(fit, ~ . + gaps), "glmpp_warning_rows"), class = "glmpp_warning_classes")
  fewer <- droplevels(d[!is.na(d$gaps), ])
  expect_equal(table$Deviance, c(deviance(glmpp(y ~ x, multinomial(), fewer)), deviance(glmpp(y ~ x + gaps, multinomial(), fewer))),
               tolerance = 1e-9)
})

test_that("separated classes have the deviance of their limit", {
  d <- candidate_classes()
  d$y[d$a == "c"] <- "p"
  for (family in category_families[c(1, 2, 4)]) {
    fit <- suppressWarnings(glmpp(y ~ x + a + b, family, d))
    expect_identical(fit$separation$type, "quasi-complete")
    suppressWarnings(expect_refits(fit, drop1))
    suppressWarnings(expect_refits(glmpp(y ~ x, family, d), add1, ~ . + a + b))
  }
})

# The steps by refits of each model in turn.
steps_by_hand <- function(fit, scope_of, sign, k = 2, envir = parent.frame()) {
  repeat {
    others <- lapply(scope_of(fit), function(term) eval(update(fit, paste(". ~ .", sign, term), evaluate = FALSE), envir))
    values <- vapply(others, AIC, 0, k = k)
    if (!length(values) || min(values) >= AIC(fit, k = k)) return(fit)
    fit <- others[[which.min(values)]]
  }
}

test_that("step() takes the steps of fits by hand", {
  d <- candidate_classes()
  for (family in category_families[c(1, 2, 4)]) {
    full <- glmpp(y ~ x * a + b + z, family, d)
    null <- glmpp(y ~ 1, family, d)
    more <- function(fit) add.scope(fit, full)
    for (k in c(2, log(240))) {
      down <- step(full, trace = 0, k = k)
      expected <- steps_by_hand(full, drop.scope, "-", k)
      expect_equal(formula(down), formula(expected), ignore_attr = TRUE)
      expect_equal(AIC(down), AIC(expected), tolerance = 1e-9)
      up <- step(null, scope = formula(full), direction = "forward", trace = 0, k = k)
      expect_equal(AIC(up), AIC(steps_by_hand(null, more, "+", k)), tolerance = 1e-9)
    }
    expect_lte(AIC(step(null, scope = formula(full), trace = 0)), AIC(null))
  }
})

test_that("anova() of one fit adds its terms one after the other", {
  d <- candidate_classes()
  for (family in category_families) {
    fit <- glmpp(y ~ x + a * b, family, d, weights = w)
    smaller <- lapply(list(y ~ 1, y ~ x, y ~ x + a, y ~ x + a + b), function(formula) {
      environment(formula) <- environment()
      eval(bquote(glmpp(.(formula), family, d, weights = w)))
    })
    table <- anova(fit)
    expect_equal(table[["Resid. Dev"]], c(vapply(smaller, deviance, 0), deviance(fit)), tolerance = 1e-9)
    expect_equal(table[["Resid. Df"]], c(vapply(smaller, df.residual, 0), df.residual(fit)))
  }
})

test_that("what can't be compared is said", {
  d <- candidate_classes()
  for (family in category_families[c(1, 4)]) {
    fit <- glmpp(y ~ x + a, family, d)
    for (call in expression(drop1(fit, "nope"), drop1(fit, ~z), drop1(fit, 3), drop1(fit, scale = 2), drop1(fit, test = "F"),
                            drop1(fit, tset = "Chisq"), add1(fit), add1(fit, ~z), add1(fit, ~.), add1(fit, ~ . + z, scale = 1))) {
      expect_error(eval(call), class = "glmpp_error_argument", label = deparse1(call))
    }
    expect_error(add1(fit, "nope"), class = "glmpp_error_frame")
    penalised <- glmpp(y ~ x + a, family, d, penalty = ridge(1))
    for (call in expression(drop1(penalised), add1(penalised, ~ . + z), anova(penalised))) {
      expect_error(eval(call), class = "glmpp_error_penalty", label = deparse1(call))
    }
    lean <- glmpp(y ~ x + a, family, d, keep = "rows")
    for (call in expression(drop1(lean), add1(lean, ~ . + z), anova(lean))) expect_error(eval(call), class = "glmpp_error_left_out")
  }
})

test_that("a bar counts the models where somebody waits for them", {
  d <- candidate_classes()
  fit <- glmpp(y ~ x + a, multinomial(), d)
  shown <- function(ask) with_replaced("progress_patience", function() -1, capture.output(ask()))
  old <- options(glmpp.progress = TRUE)
  on.exit(options(old))
  expect_match(shown(function() drop1(fit)), "Terms left out", all = FALSE, fixed = TRUE)
  expect_match(shown(function() add1(fit, ~ . + z)), "Terms added", all = FALSE, fixed = TRUE)
  expect_match(shown(function() anova(fit)), "Terms added in turn", all = FALSE, fixed = TRUE)
  options(glmpp.progress = FALSE)
  expect_identical(shown(function() invisible(drop1(fit))), character())
})
