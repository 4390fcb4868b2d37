# Every fit here goes beside stats::glm(): see helper-agreement.R for what is compared and how closely.

skip_if_not_installed("MASS")
skip_if_not_installed("boot")
skip_if_not_installed("survival")
skip_if_not_installed("splines")

from_package <- function(name, package) {
  envir <- new.env()
  utils::data(list = name, package = package, envir = envir)
  envir[[name]]
}

birthwt <- from_package("birthwt", "MASS")
birthwt$race <- factor(birthwt$race, labels = c("white", "black", "other"))
quine <- from_package("quine", "MASS")
housing <- from_package("housing", "MASS")
Insurance <- from_package("Insurance", "MASS")
epil <- from_package("epil", "MASS")
bacteria <- from_package("bacteria", "MASS")
menarche <- from_package("menarche", "MASS")
ships <- from_package("ships", "MASS")
anorexia <- from_package("anorexia", "MASS")
oats <- from_package("oats", "MASS")
whiteside <- from_package("whiteside", "MASS")
survey <- from_package("survey", "MASS")
Cars93 <- from_package("Cars93", "MASS")
cabbages <- from_package("cabbages", "MASS")
leuk <- from_package("leuk", "MASS")
Pima.tr2 <- from_package("Pima.tr2", "MASS")
nodal <- from_package("nodal", "boot")
urine <- from_package("urine", "boot")
melanoma <- from_package("melanoma", "boot")
poisons <- from_package("poisons", "boot")
cane <- from_package("cane", "boot")
downs <- from_package("downs.bc", "boot")
remission <- from_package("remission", "boot")
lung <- survival::lung
pbc <- survival::pbc
veteran <- survival::veteran
ovarian <- survival::ovarian
colon <- survival::colon[survival::colon$etype == 2, ]

admissions <- as.data.frame(UCBAdmissions)
titanic <- as.data.frame(Titanic)
hair <- as.data.frame(HairEyeColor)
clotting <- data.frame(
  u = c(5, 10, 15, 20, 30, 40, 60, 80, 100), lot1 = c(118, 58, 42, 35, 27, 25, 21, 19, 18), lot2 = c(69, 35, 26, 21, 18, 16, 13, 12, 12)
)
budworm <- data.frame(ldose = rep(0:5, 2), numdead = c(1, 4, 9, 13, 18, 20, 0, 2, 6, 10, 12, 16), sex = factor(rep(c("M", "F"), c(6, 6))))

# ---- Families and links ----

# Fits each model under each link; a model is a formula with its data.
expect_links_agree <- function(family, links, models) {
  for (link in links) {
    for (model in models) {
      chosen <- family(if (is.character(link)) make.link(link) else link)
      expect_agrees_with_glm(model$formula, chosen, model$data, label = sprintf(
        "%s(%s): %s, %s", chosen$family, chosen$link, deparse1(model$formula), model$name
      ))
    }
  }
}

model <- function(formula, data) list(formula = formula, data = data, name = deparse1(substitute(data)))

binary_models <- list(
  model(low ~ age + lwt + smoke + race, birthwt), model(y ~ trt + week, bacteria), model(r ~ ., nodal),
  model(am ~ qsec, mtcars)
)
count_models <- list(
  model(Days ~ Eth + Sex + Age + Lrn, quine), model(breaks ~ wool * tension, warpbreaks), model(count ~ spray, InsectSprays)
)
positive_models <- list(
  model(lot1 ~ log(u), clotting), model(mpg ~ wt + factor(cyl), mtcars), model(dist ~ speed, cars[-1, ])
)

test_that("binomial fits agree under every link", {
  expect_links_agree(binomial, c("logit", "probit", "cloglog", "cauchit"), binary_models)
  expect_links_agree(quasibinomial, c("logit", "probit", "cloglog", "cauchit"), binary_models[1:2])
})

test_that("binomial fits agree under links that do not keep the mean within (0, 1)", {
  dose <- transform(budworm, alive = 20 - numdead)
  deaths <- data.frame(age = 1:8, dead = c(11, 15, 18, 26, 31, 40, 47, 60))
  for (link in list(make.link("log"), make.link("identity"), make.link("sqrt"), power(0.3))) {
    expect_agrees_with_glm(cbind(dead, 1e4 - dead) ~ age, binomial(link), deaths, label = paste("binomial, rare deaths, under", link$name))
    expect_agrees_with_glm(cbind(numdead, alive) ~ sex, binomial(link), dose, mustart = rep(0.4, 12),
                           label = paste("binomial, budworms, under", link$name))
  }
  expect_agrees_with_glm(low ~ smoke, binomial("log"), birthwt, start = c(-1.3, 0.1))
  expect_agrees_with_glm(low ~ smoke + ht, binomial(make.link("identity")), birthwt, start = c(0.3, 0, 0))
})

test_that("poisson fits agree under every link", {
  expect_links_agree(poisson, c("log", "sqrt"), count_models)
  expect_links_agree(quasipoisson, c("log", "sqrt"), count_models)
  expect_links_agree(poisson, list("identity", "inverse", power(0.5), power(1 / 3), "1/mu^2"), count_models[2])
  expect_links_agree(quasipoisson, list("identity", power(0.7)), count_models[2:3])
})

test_that("Gamma fits agree under every link", {
  expect_links_agree(Gamma, list("inverse", "log"), positive_models)
  expect_links_agree(Gamma, list("identity", "sqrt", "1/mu^2", power(0.25), power(-1)), positive_models[2])
})

test_that("inverse.gaussian fits agree under every link", {
  expect_links_agree(inverse.gaussian, list("1/mu^2", "log", "inverse", "identity", "sqrt", power(1 / 3)), positive_models[2])
  expect_links_agree(inverse.gaussian, list("log"), positive_models[1])
})

test_that("gaussian fits agree under every link", {
  expect_links_agree(gaussian, list("identity", "log", "inverse", "sqrt", "1/mu^2", power(0.5), power(1 / 3)), positive_models[2])
  expect_links_agree(gaussian, list("identity", "log"), positive_models[c(1, 3)])
  # Not the oldest girls, where the mean reaches glm()'s own bound of 1 - 2e-16.
  shares <- transform(menarche[menarche$Age < 14.5, ], share = Menarche / Total)
  for (link in c("logit", "probit", "cauchit", "cloglog")) {
    expect_agrees_with_glm(share ~ Age, gaussian(make.link(link)), shares, mustart = pmin(pmax(share, 0.02), 0.98),
                           label = paste("gaussian under", link))
  }
})

test_that("quasi fits agree under every variance", {
  expect_agrees_with_glm(mpg ~ wt + hp, quasi(link = "identity", variance = "constant"), mtcars)
  expect_agrees_with_glm(mpg ~ wt + hp, quasi(link = "log", variance = "constant"), mtcars)
  expect_agrees_with_glm(mpg ~ wt + hp, quasi(link = "log", variance = "mu"), mtcars)
  expect_agrees_with_glm(mpg ~ wt + hp, quasi(link = "log", variance = "mu^2"), mtcars)
  expect_agrees_with_glm(mpg ~ wt + hp, quasi(link = "log", variance = "mu^3"), mtcars)
  expect_agrees_with_glm(mpg ~ wt + hp, quasi(link = "inverse", variance = "mu^2"), mtcars)
  expect_agrees_with_glm(mpg ~ wt + hp, quasi(link = "1/mu^2", variance = "mu^3"), mtcars)
  expect_agrees_with_glm(mpg ~ wt + hp, quasi(link = "sqrt", variance = "mu"), mtcars)
  expect_agrees_with_glm(mpg ~ wt + hp, quasi(link = power(1 / 3), variance = "mu^2"), mtcars)
  expect_agrees_with_glm(breaks ~ wool * tension, quasi(link = "identity", variance = "mu"), warpbreaks)
  expect_agrees_with_glm(breaks ~ wool * tension, quasi(variance = "mu^2"), warpbreaks)
  expect_agrees_with_glm(Menarche / Total ~ Age, quasi(link = "logit", variance = "mu(1-mu)"), menarche, weights = Total)
  expect_agrees_with_glm(Menarche / Total ~ Age, quasi(link = "probit", variance = "mu(1-mu)"), menarche, weights = Total)
  expect_agrees_with_glm(Menarche / Total ~ Age, quasi(link = "cloglog", variance = "mu(1-mu)"), menarche, weights = Total)
  # One term only: from its own start glm() diverges in the smaller models that anova() fits (deviance 4253).
  expect_agrees_with_glm(low ~ smoke, quasi(link = "logit", variance = "mu(1-mu)"), birthwt, mustart = 0.3 + 0.2 * low)
})

test_that("negative binomial fits agree under every link and theta", {
  for (theta in c(0.3, 1.6, 50)) {
    expect_agrees_with_glm(Days ~ Eth * Sex + Age, MASS::negative.binomial(theta), quine, label = paste("quine, theta", theta))
    expect_agrees_with_glm(y ~ trt + lbase + V4, MASS::negative.binomial(theta), transform(epil, lbase = log(base)),
                           label = paste("epil, theta", theta))
  }
  expect_agrees_with_glm(Days ~ Eth + Sex, MASS::negative.binomial(1.5, link = "sqrt"), quine)
  expect_agrees_with_glm(Days ~ Eth + Sex, MASS::negative.binomial(1.5, link = "identity"), quine)
})

# ---- Families that only R knows ----

# Daily survival over an exposure of `days`: a link that holds one number per row.
logexp <- function(days) {
  structure(list(
    linkfun = function(mu) qlogis(mu^(1 / days)), linkinv = function(eta) plogis(eta)^days,
    mu.eta = function(eta) days * plogis(eta)^days * plogis(-eta), valideta = function(eta) TRUE, name = "logexp"
  ), class = "link-glm")
}

loglog <- function() {
  structure(list(
    linkfun = function(mu) -log(-log(mu)), linkinv = function(eta) exp(-exp(-eta)),
    mu.eta = function(eta) pmax(exp(-exp(-eta) - eta), .Machine$double.eps), valideta = function(eta) TRUE, name = "loglog"
  ), class = "link-glm")
}

robit <- function(df) {
  structure(list(
    linkfun = function(mu) qt(mu, df), linkinv = function(eta) pt(eta, df), mu.eta = function(eta) dt(eta, df),
    valideta = function(eta) TRUE, name = "robit"
  ), class = "link-glm")
}

# A logit whose mean starts from a guessing rate; it keeps the name of the link it is made from.
guessing <- function(floor) {
  logit <- make.link("logit")
  logit$linkfun <- function(mu) qlogis(pmin(pmax((mu - floor) / (1 - floor), 1e-3), 1 - 1e-3))
  logit$linkinv <- function(eta) floor + (1 - floor) * plogis(eta)
  logit$mu.eta <- function(eta) (1 - floor) * dlogis(eta)
  logit
}

power_variance <- function(exponent) {
  structure(list(
    name = paste0("mu^", exponent), varfun = function(mu) mu^exponent, validmu = function(mu) all(mu > 0),
    dev.resids = function(y, mu, wt) {
      2 * wt * ((y^(2 - exponent) - y * mu^(1 - exponent)) / (1 - exponent) - (y^(2 - exponent) - mu^(2 - exponent)) / (2 - exponent))
    },
    initialize = expression({
      n <- rep.int(1, nobs)
      mustart <- y + 0.1 * (y == 0)
    })
  ))
}

# Tweedie's family for 1 < exponent < 2, with zeros in the response.
tweedie <- function(exponent) {
  family <- quasi(link = "log", variance = "mu")
  parts <- power_variance(exponent)
  family$family <- "Tweedie"
  family$varfun <- NULL
  family$variance <- parts$varfun
  family$validmu <- parts$validmu
  family$dev.resids <- parts$dev.resids
  family
}

# Counts that are seen only when positive.
positive_poisson <- function() {
  link <- make.link("log")
  rate <- function(mu) {
    lambda <- mu
    for (step in 1:60) {
      slope <- (1 - (1 + lambda) * exp(-lambda)) / expm1(-lambda)^2
      lambda <- pmax(lambda - (lambda / -expm1(-lambda) - mu) / slope, 1e-8)
    }
    lambda
  }
  log_density <- function(y, lambda) y * log(lambda) - lambda - log(-expm1(-lambda))
  structure(list(
    family = "positive poisson", link = "log rate",
    linkfun = function(mu) log(rate(mu)), linkinv = function(eta) exp(eta) / -expm1(-exp(eta)),
    mu.eta = function(eta) {
      lambda <- exp(eta)
      lambda * (1 - (1 + lambda) * exp(-lambda)) / expm1(-lambda)^2
    },
    variance = function(mu) mu * (1 + rate(mu) - mu),
    dev.resids = function(y, mu, wt) {
      own <- ifelse(y > 1, log_density(y, rate(pmax(y, 1.0001))), 0)
      2 * wt * pmax(own - log_density(y, rate(mu)), 0)
    },
    aic = function(y, n, mu, wt, dev) -2 * sum(wt * (log_density(y, rate(mu)) - lgamma(y + 1))),
    initialize = expression({
      n <- rep.int(1, nobs)
      mustart <- y + 0.5
    }),
    validmu = function(mu) all(is.finite(mu)) && all(mu > 1), valideta = function(eta) TRUE
  ), class = "family")
}

test_that("binomial fits agree under links made by the user", {
  exposure <- transform(ovarian, days = 1 + (age %% 7), survived = 1 - fustat)
  expect_agrees_with_glm(survived ~ age, binomial(logexp(exposure$days)), exposure)
  expect_agrees_with_glm(survived ~ age + factor(rx), binomial(link = logexp(exposure$days)), exposure)
  expect_agrees_with_glm(low ~ lwt + smoke + race, binomial(logexp(birthwt$ftv + 1)), birthwt)
  expect_agrees_with_glm(survived ~ 0 + age, binomial(logexp(exposure$days)), exposure)
  expect_agrees_with_glm(survived ~ age + offset(rx / 10), binomial(logexp(exposure$days)), exposure)
  expect_agrees_with_glm(low ~ lwt + smoke, binomial(logexp(3)), birthwt)
  expect_agrees_with_glm(low ~ lwt + smoke, binomial(loglog()), birthwt)
  expect_agrees_with_glm(y ~ trt + week, binomial(loglog()), bacteria)
  expect_agrees_with_glm(cbind(Menarche, Total - Menarche) ~ Age, binomial(robit(4)), menarche)
  expect_agrees_with_glm(low ~ lwt + smoke, binomial(robit(7)), birthwt)
  expect_agrees_with_glm(r ~ aged + grade, binomial(guessing(0.1)), nodal, mustart = ifelse(nodal$r == 1, 0.7, 0.4))
  expect_agrees_with_glm(low ~ lwt + smoke, binomial(guessing(0.05)), birthwt, mustart = rep(0.4, 189))
})

test_that("separation is found under a link that holds a number for each row", {
  exposure <- transform(ovarian, days = 1 + (age %% 7), old = as.numeric(age > 50))
  others <- c("glmpp_warning_convergence", "glmpp_warning_boundary")
  expect_warning(suppressWarnings(fit <- glmpp(old ~ age, binomial(logexp(exposure$days)), exposure), classes = others),
                 class = "glmpp_warning_separation")
  expect_identical(fit$separation$direction[["age"]] > 0, TRUE)
})

test_that("fits agree under variances made by the user", {
  expect_agrees_with_glm(mpg ~ wt + hp, quasi(link = "log", variance = power_variance(1.5)), mtcars)
  expect_agrees_with_glm(Days ~ Eth + Sex + Age, tweedie(1.5), quine)
  expect_agrees_with_glm(y ~ trt + log(base), tweedie(1.3), epil)
  expect_agrees_with_glm(breaks ~ wool * tension, tweedie(1.7), warpbreaks)
  expect_agrees_with_glm(Days ~ Eth + Sex + Age, positive_poisson(), quine[quine$Days > 0, ])
  expect_agrees_with_glm(breaks ~ wool + tension, positive_poisson(), warpbreaks)
})

test_that("a family with a replaced function runs by that function", {
  doubled <- poisson()
  doubled$variance <- function(mu) 2 * mu
  expect_agrees_with_glm(breaks ~ wool + tension, doubled, warpbreaks)
  capped <- binomial()
  capped$linkinv <- function(eta) pmin(plogis(eta), 0.95)
  capped$mu.eta <- function(eta) pmax(dlogis(eta), 1e-3)
  expect_agrees_with_glm(low ~ smoke + race, capped, birthwt)
  renamed <- MASS::negative.binomial(2)
  renamed$family <- "my counts"
  expect_agrees_with_glm(Days ~ Eth + Sex, renamed, quine)
  slow <- Gamma("log")
  slow$dev.resids <- function(y, mu, wt) -2 * wt * (log(y / mu) - (y - mu) / mu)
  expect_agrees_with_glm(mpg ~ wt, slow, mtcars)
})

# ---- Shapes of the response ----

test_that("every shape of a binomial response agrees", {
  lung$dead <- lung$status == 2
  expect_agrees_with_glm(dead ~ age + sex, binomial, lung)
  expect_agrees_with_glm(status == 2 ~ age + sex, binomial, lung)
  expect_agrees_with_glm(I(status - 1) ~ age + sex, binomial, lung)
  expect_agrees_with_glm(as.integer(status - 1) ~ age + sex, binomial, lung)
  expect_agrees_with_glm(factor(status) ~ age + sex, binomial, lung)
  expect_agrees_with_glm(Sex ~ Height + Wr.Hnd, binomial, survey)
  expect_agrees_with_glm(Origin ~ Price + MPG.city, binomial, Cars93)
  expect_agrees_with_glm(type ~ npreg + glu + bmi + ped + age, binomial, Pima.tr2)
  expect_agrees_with_glm(ordered(low) ~ lwt, binomial, birthwt)
  expect_agrees_with_glm(factor(low, levels = c(1, 0)) ~ lwt, binomial, birthwt)
  expect_agrees_with_glm(factor(low, levels = c(0, 1, 2)) ~ lwt, binomial, birthwt)
  expect_agrees_with_glm(cbind(Menarche, Total - Menarche) ~ Age, binomial, menarche)
  expect_agrees_with_glm(Menarche / Total ~ Age, binomial, menarche, weights = Total)
  expect_agrees_with_glm(cbind(numdead, 20 - numdead) ~ sex * ldose, binomial, budworm)
  expect_agrees_with_glm(cbind(numdead, 20 - numdead) ~ sex * ldose, binomial("probit"), budworm)
  expect_agrees_with_glm(cbind(as.integer(numdead), as.integer(20 - numdead)) ~ ldose, binomial, budworm)
  expect_agrees_with_glm(cbind(dead = numdead, alive = 20 - numdead) ~ sex + ldose, quasibinomial, budworm, weights = 1 + ldose)
  expect_agrees_with_glm(cbind(r, m - r) ~ poly(age, 3), binomial, downs)
  expect_agrees_with_glm(cbind(ncases, ncontrols) ~ agegp + alcgp, binomial, esoph)
  expect_agrees_with_glm(cbind(ncases, ncontrols) ~ unclass(agegp) + tobgp, binomial, esoph)
  expect_agrees_with_glm(Admit == "Admitted" ~ Dept + Gender, binomial, admissions, weights = Freq)
  expect_agrees_with_glm(Admit ~ Dept * Gender, binomial, admissions, weights = Freq)
  expect_agrees_with_glm(Survived ~ Class + Sex + Age, binomial, titanic, weights = Freq)
  expect_agrees_with_glm(Survived ~ Class * Sex, quasibinomial, titanic, weights = Freq)
  expect_agrees_with_glm(cbind(n - x, x) ~ var + block, binomial, transform(cane, x = r))
  expect_agrees_with_glm(low / 1 ~ lwt, binomial, birthwt, weights = rep(1:3, 63))
  expect_agrees_with_glm(Menarche / Total ~ Age, quasibinomial, menarche)
  expect_agrees_with_glm(r ~ LI, binomial, remission)
})

test_that("every shape of a numeric response agrees", {
  d <- transform(warpbreaks, whole = as.integer(breaks))
  d$column <- matrix(d$breaks, dimnames = list(paste0("row", 1:54), "breaks"))
  d$bare <- matrix(d$breaks)
  d$flag <- d$breaks > 25
  d$array <- array(d$breaks, 54)
  d$named <- setNames(d$breaks, letters[(0:53) %% 26 + 1])
  expect_agrees_with_glm(whole ~ wool, poisson, d)
  expect_agrees_with_glm(column ~ wool, poisson, d)
  expect_agrees_with_glm(column ~ wool, gaussian, d)
  expect_agrees_with_glm(bare ~ wool + tension, Gamma, d)
  expect_agrees_with_glm(flag ~ wool + tension, binomial, d)
  expect_agrees_with_glm(flag ~ wool + tension, gaussian, d)
  expect_agrees_with_glm(flag ~ wool + tension, poisson, d)
  expect_agrees_with_glm(array ~ wool, poisson, d)
  expect_agrees_with_glm(named ~ wool, poisson, d)
  expect_agrees_with_glm(log(breaks) ~ wool, gaussian, d)
  expect_agrees_with_glm(discoveries ~ poly(seq_along(discoveries), 2), poisson)
  expect_agrees_with_glm(Freq ~ Hair * Eye + Sex, poisson, hair)
  expect_agrees_with_glm(Freq ~ (Hair + Eye + Sex)^2, poisson, hair)
  expect_agrees_with_glm(Freq ~ Infl * Type * Cont + Sat, poisson, housing)
  expect_agrees_with_glm(time ~ ag + log(wbc), Gamma("log"), leuk)
  expect_agrees_with_glm(time ~ poison * treat, Gamma("inverse"), poisons)
  expect_agrees_with_glm(time ~ poison + treat, inverse.gaussian("1/mu^2"), poisons)
})

# ---- Features of the formula ----

test_that("interactions and nesting agree", {
  expect_agrees_with_glm(low ~ race * factor(smoke), binomial, birthwt)
  expect_agrees_with_glm(low ~ race:factor(smoke), binomial, birthwt)
  expect_agrees_with_glm(low ~ race * lwt, binomial, birthwt)
  expect_agrees_with_glm(low ~ race:lwt, binomial, birthwt)
  expect_agrees_with_glm(low ~ race:lwt - 1, binomial, birthwt)
  expect_agrees_with_glm(low ~ lwt * age, binomial, birthwt)
  expect_agrees_with_glm(low ~ lwt:age, binomial, birthwt)
  expect_agrees_with_glm(Days ~ Eth * Sex * Age, poisson, quine)
  expect_agrees_with_glm(Days ~ (Eth + Sex + Age + Lrn)^2, poisson, quine)
  expect_agrees_with_glm(Days ~ (Eth + Sex + Age + Lrn)^3 - Eth:Sex:Age, quasipoisson, quine)
  expect_agrees_with_glm(Days ~ Eth / Sex, poisson, quine)
  expect_agrees_with_glm(Days ~ Eth / (Sex + Age), poisson, quine)
  expect_agrees_with_glm(Days ~ Eth + Sex %in% Eth, poisson, quine)
  expect_agrees_with_glm(Days ~ Eth:Sex + Age:Eth, poisson, quine)
  expect_agrees_with_glm(Days ~ Eth:Sex - 1, poisson, quine)
  expect_agrees_with_glm(Gas ~ Insul / Temp - 1, gaussian, whiteside)
  expect_agrees_with_glm(Gas ~ Insul / (Temp + I(Temp^2)) - 1, gaussian, whiteside)
  expect_agrees_with_glm(mpg ~ wt:hp:factor(cyl), gaussian, mtcars)
  expect_agrees_with_glm(mpg ~ factor(cyl):factor(gear):wt + factor(am), gaussian, mtcars)
  expect_agrees_with_glm(uptake ~ Type * Treatment * log(conc), Gamma("log"), CO2)
  expect_agrees_with_glm(weight ~ Time * Diet, Gamma("log"), ChickWeight)
  expect_agrees_with_glm(VitC ~ Cult * Date + HeadWt:Cult, gaussian, cabbages)
  expect_agrees_with_glm(Y ~ N * V + B / V, gaussian, oats)
  expect_agrees_with_glm(time ~ celltype * trt + karno, Gamma("log"), veteran)
})

test_that("polynomials, splines and arithmetic in the formula agree", {
  expect_agrees_with_glm(low ~ poly(lwt, 3) + smoke, binomial, birthwt)
  expect_agrees_with_glm(low ~ poly(lwt, age, degree = 2), binomial, birthwt)
  expect_agrees_with_glm(low ~ poly(lwt / 100, 2, raw = TRUE), binomial, birthwt)
  expect_agrees_with_glm(low ~ splines::ns(lwt, 4), binomial, birthwt)
  expect_agrees_with_glm(low ~ splines::bs(lwt, df = 5) + race, binomial, birthwt)
  expect_agrees_with_glm(low ~ race * splines::ns(age, 2), binomial, birthwt)
  expect_agrees_with_glm(low ~ race:poly(age, 2), binomial, birthwt)
  expect_agrees_with_glm(mpg ~ poly(wt, 2):poly(hp, 2), gaussian, mtcars)
  expect_agrees_with_glm(mpg ~ poly(wt, 2) * factor(am), Gamma, mtcars)
  expect_agrees_with_glm(mpg ~ I(wt^2) + wt, gaussian, mtcars)
  expect_agrees_with_glm(mpg ~ log(hp) + sqrt(disp) + exp(-wt), Gamma("log"), mtcars)
  expect_agrees_with_glm(mpg ~ I(1 / hp) + I(wt > 3), gaussian, mtcars)
  expect_agrees_with_glm(mpg ~ cut(wt, c(0, 2, 3, 6)), gaussian, mtcars)
  expect_agrees_with_glm(mpg ~ scale(wt) + scale(hp, scale = FALSE), gaussian, mtcars)
  expect_agrees_with_glm(mpg ~ pmin(wt, 3) + ifelse(hp > 150, 1, 0), gaussian, mtcars)
  expect_agrees_with_glm(stations ~ poly(mag, 3) + splines::ns(depth, 3), poisson, quakes)
  expect_agrees_with_glm(dist ~ splines::bs(speed, knots = c(10, 15)), Gamma("log"), cars)
  expect_agrees_with_glm(Employed ~ ., gaussian, longley)
})

test_that("offsets agree, in the formula and as an argument", {
  expect_agrees_with_glm(Claims ~ District + Group + Age + offset(log(Holders)), poisson, Insurance)
  expect_agrees_with_glm(Claims ~ District + Group + Age, poisson, Insurance, offset = log(Holders))
  expect_agrees_with_glm(Claims ~ District + offset(log(Holders)), poisson, Insurance, offset = as.numeric(Age) / 10)
  expect_agrees_with_glm(Claims ~ offset(log(Holders)), poisson, Insurance)
  expect_agrees_with_glm(Claims ~ Group - 1 + offset(log(Holders)), poisson, Insurance)
  expect_agrees_with_glm(Claims ~ District + offset(log(Holders)) + offset(as.numeric(Age) / 10), poisson, Insurance)
  expect_agrees_with_glm(incidents ~ type + factor(year) + factor(period) + offset(log(service)), poisson, ships, subset = service > 0)
  expect_agrees_with_glm(incidents ~ type + factor(year), quasipoisson, ships, subset = service > 0, offset = log(service))
  expect_agrees_with_glm(Postwt ~ Prewt + Treat + offset(Prewt), gaussian, anorexia)
  expect_agrees_with_glm(low ~ smoke + offset(lwt / 100), binomial, birthwt)
  expect_agrees_with_glm(low ~ 1, binomial("probit"), birthwt, offset = lwt / 100 - 2)
  expect_agrees_with_glm(mpg ~ wt, Gamma("log"), mtcars, offset = log(cyl))
  expect_agrees_with_glm(y ~ trt, MASS::negative.binomial(2), epil, offset = log(base + 1))
  expect_agrees_with_glm(incidents ~ type, poisson("identity"), ships, subset = service > 0, offset = service / 1e5)
})

test_that("formulas without an intercept, without columns, or with a dot agree", {
  expect_agrees_with_glm(low ~ 1, binomial, birthwt)
  expect_agrees_with_glm(breaks ~ 1, poisson, warpbreaks)
  expect_agrees_with_glm(mpg ~ 1, Gamma, mtcars, weights = hp)
  expect_agrees_with_glm(mpg ~ 1, inverse.gaussian, mtcars)
  expect_agrees_with_glm(low ~ race - 1, binomial, birthwt)
  expect_agrees_with_glm(low ~ 0 + race, binomial, birthwt)
  expect_agrees_with_glm(low ~ race + lwt + 0, binomial, birthwt)
  expect_agrees_with_glm(low ~ lwt + race - 1, binomial, birthwt)
  expect_agrees_with_glm(low ~ lwt - 1, binomial, birthwt)
  expect_agrees_with_glm(low ~ 0, binomial, birthwt)
  expect_agrees_with_glm(mpg ~ 0, gaussian, mtcars)
  expect_agrees_with_glm(breaks ~ 0, poisson, warpbreaks)
  expect_agrees_with_glm(low ~ 0, binomial, birthwt, offset = lwt / 100 - 2)
  expect_agrees_with_glm(Claims ~ 0 + offset(log(Holders)), poisson, Insurance)
  expect_agrees_with_glm(r ~ . - aged, binomial, nodal)
  expect_agrees_with_glm(r ~ .^2 - stage:acid, binomial, nodal[c("r", "stage", "acid", "xray")])
  expect_agrees_with_glm(mpg ~ ., gaussian, mtcars)
  expect_agrees_with_glm(Fertility ~ . - Infant.Mortality, gaussian, swiss)
  expect_agrees_with_glm(stack.loss ~ ., gaussian, stackloss)
  expect_agrees_with_glm(rating ~ ., Gamma("log"), attitude)
  expect_agrees_with_glm(spontaneous > 0 ~ age + parity + induced, binomial, infert)
  expect_agrees_with_glm(case ~ spontaneous + induced + education, binomial, infert)
})

test_that("matrices, ordered factors, text and logicals as variables agree", {
  d <- mtcars
  d$shape <- as.matrix(mtcars[c("wt", "hp")])
  d$plain <- unname(as.matrix(mtcars[c("drat", "qsec")]))
  d$one <- matrix(mtcars$wt)
  d$whole <- matrix(as.integer(mtcars$hp), dimnames = list(NULL, "power"))
  d$text <- paste("cylinders", mtcars$cyl)
  d$grade <- factor(mtcars$gear, ordered = TRUE)
  d$manual <- mtcars$am == 1
  d$gears <- as.integer(mtcars$gear)
  expect_agrees_with_glm(mpg ~ shape, gaussian, d)
  expect_agrees_with_glm(mpg ~ shape + plain, Gamma, d)
  expect_agrees_with_glm(mpg ~ shape:factor(am), gaussian, d)
  expect_agrees_with_glm(mpg ~ plain:shape, gaussian, d)
  expect_agrees_with_glm(mpg ~ one + whole, gaussian, d)
  expect_agrees_with_glm(mpg ~ as.matrix(mtcars[c("wt", "hp")]), gaussian, d)
  expect_agrees_with_glm(mpg ~ cbind(wt, hp, 1 / disp), gaussian, d)
  expect_agrees_with_glm(mpg ~ text, gaussian, d)
  expect_agrees_with_glm(mpg ~ text * wt - 1, gaussian, d)
  expect_agrees_with_glm(mpg ~ grade, gaussian, d)
  expect_agrees_with_glm(mpg ~ grade * manual, Gamma("log"), d)
  expect_agrees_with_glm(mpg ~ manual, gaussian, d)
  expect_agrees_with_glm(mpg ~ manual - 1, gaussian, d)
  expect_agrees_with_glm(mpg ~ manual:wt, gaussian, d)
  expect_agrees_with_glm(mpg ~ manual:text + gears, gaussian, d)
  expect_agrees_with_glm(manual ~ qsec + I(qsec > 18), binomial("cauchit"), d)
  expect_agrees_with_glm(mpg ~ !manual, gaussian, d)
  expect_agrees_with_glm(cbind(ncases, ncontrols) ~ agegp + agegp:unclass(alcgp), binomial, esoph, subset = agegp > "35-44")
  expect_agrees_with_glm(Freq ~ Infl * Sat, poisson, housing)
})

test_that("every way of choosing contrasts agrees", {
  kinds <- c("contr.sum", "contr.helmert", "contr.poly", "contr.SAS", "contr.treatment")
  for (kind in kinds) {
    expect_agrees_with_glm(Days ~ Age * Sex, poisson, quine, contrasts = list(Age = kind, Sex = "contr.sum"),
                           label = paste("quine,", kind, "by argument"))
    d <- quine
    contrasts(d$Age) <- kind
    expect_agrees_with_glm(Days ~ Age * Lrn, poisson, d, label = paste("quine,", kind, "by attribute"))
    old <- options(contrasts = c(kind, "contr.poly"))
    expect_agrees_with_glm(Days ~ Age + Eth:Sex, poisson, quine, label = paste("quine,", kind, "by option"))
    expect_agrees_with_glm(time ~ celltype + prior, Gamma("log"), veteran, label = paste("veteran,", kind, "by option"))
    options(old)
  }
  old <- options(contrasts = c("contr.treatment", "contr.treatment"))
  expect_agrees_with_glm(cbind(ncases, ncontrols) ~ agegp, binomial, esoph)
  options(old)
})

test_that("contrasts given as functions and matrices agree", {
  expect_agrees_with_glm(Days ~ Age, poisson, quine, contrasts = list(Age = contr.sum))
  expect_agrees_with_glm(Days ~ Age, poisson, quine, contrasts = list(Age = contr.sum(4)))
  expect_agrees_with_glm(Days ~ Age, poisson, quine, contrasts = list(Age = contr.treatment(4, base = 3)))
  expect_agrees_with_glm(Days ~ Age, poisson, quine, contrasts = list(Age = contr.treatment(levels(quine$Age), base = 2)))
  steps <- cbind(first = c(0, 1, 1, 1), second = c(0, 0, 1, 1), third = c(0, 0, 0, 1))
  expect_agrees_with_glm(Days ~ Age * Sex, poisson, quine, contrasts = list(Age = steps))
  expect_agrees_with_glm(Days ~ Age, poisson, quine, contrasts = list(Age = unname(steps)))
  trend <- cbind(trend = c(-3, -1, 1, 3))
  expect_agrees_with_glm(Days ~ Eth, poisson, quine, contrasts = list(Eth = cbind(gap = c(-1, 1))))
  d <- quine
  contrasts(d$Age, 1) <- trend
  expect_agrees_with_glm(Days ~ Age, poisson, d)
  expect_agrees_with_glm(Days ~ Age * Sex, poisson, d)
  expect_agrees_with_glm(Days ~ Sex + C(Age, sum), poisson, quine)
  expect_agrees_with_glm(Days ~ Sex + C(Age, poly, 2), poisson, quine)
  expect_agrees_with_glm(Days ~ Sex + C(Age, trend, 1), poisson, quine)
  rownames(steps) <- levels(quine$Age)
  expect_agrees_with_glm(Days ~ Age - 1, poisson, quine, contrasts = list(Age = steps))
  expect_agrees_with_glm(Days ~ Sex + Age - 1, poisson, quine, contrasts = list(Age = steps))
  expect_agrees_with_glm(Freq ~ Sat, poisson, housing, contrasts = list(Sat = "contr.helmert"))
  expect_agrees_with_glm(Freq ~ Sat, poisson, housing, contrasts = list(Sat = contr.poly(3, scores = c(1, 2, 5))))
})

# ---- Rows ----

test_that("prior weights agree, zeros and fractions among them", {
  expect_agrees_with_glm(mpg ~ wt, gaussian, mtcars, weights = hp)
  expect_agrees_with_glm(mpg ~ wt, gaussian, mtcars, weights = carb - 1)
  expect_agrees_with_glm(mpg ~ wt + factor(cyl), Gamma, mtcars, weights = (seq_along(mpg) %% 4) / 3)
  expect_agrees_with_glm(breaks ~ wool + tension, poisson, warpbreaks, weights = rep(0:2, 18))
  expect_agrees_with_glm(breaks ~ wool + tension, quasipoisson, warpbreaks, weights = rep(c(0.5, 1.5), 27))
  expect_agrees_with_glm(low ~ lwt + race, binomial, birthwt, weights = rep(0:2, 63))
  expect_agrees_with_glm(low ~ lwt + race, quasibinomial, birthwt, weights = rep(c(0.2, 1.3, 0), 63))
  expect_agrees_with_glm(cbind(numdead, 20 - numdead) ~ ldose, binomial, budworm, weights = rep(c(1, 0, 2), 4))
  expect_agrees_with_glm(cbind(ncases, ncontrols) ~ agegp, binomial, rbind(esoph, transform(esoph, ncases = 0, ncontrols = 0)))
  expect_agrees_with_glm(mpg ~ wt, inverse.gaussian, mtcars, weights = rep(1:2, 16))
  expect_agrees_with_glm(Days ~ Eth, MASS::negative.binomial(2), quine, weights = rep(c(1, 3), 73))
  expect_agrees_with_glm(mpg ~ factor(cyl), gaussian, mtcars, weights = as.numeric(cyl != 4))
  expect_agrees_with_glm(mpg ~ wt, gaussian, mtcars, weights = rep(2L, 32))
  expect_agrees_with_glm(low ~ lwt, binomial(loglog()), birthwt, weights = rep(0:2, 63))
})

test_that("subsets and missing values agree", {
  expect_agrees_with_glm(Ozone ~ Wind + Temp, Gamma("log"), airquality)
  expect_agrees_with_glm(Ozone ~ Wind + Temp + Solar.R, poisson, airquality, na.action = na.omit)
  expect_agrees_with_glm(Ozone ~ Wind + Temp + Solar.R, quasipoisson, airquality, na.action = na.exclude)
  expect_agrees_with_glm(Ozone ~ Wind + factor(Month), poisson, airquality, na.action = "na.exclude", weights = Day)
  expect_agrees_with_glm(Wind ~ Temp + factor(Month), gaussian, airquality, na.action = na.fail)
  expect_agrees_with_glm(Wind ~ Temp, gaussian, airquality, na.action = na.pass)
  expect_agrees_with_glm(Wind ~ Temp, gaussian, airquality, na.action = NULL)
  expect_agrees_with_glm(Ozone ~ poly(Temp, 2) + splines::ns(Wind, 3), gaussian, airquality, na.action = na.exclude, subset = Month > 5)
  expect_agrees_with_glm(Ozone ~ Wind, gaussian, airquality, subset = Month == 7 & Temp > 80)
  expect_agrees_with_glm(Ozone ~ Wind, gaussian, airquality, subset = c(5, 3, 8, 8, 40:80))
  expect_agrees_with_glm(Ozone ~ Wind, gaussian, airquality, subset = -(1:30))
  expect_agrees_with_glm(status == 2 ~ age + ph.ecog + meal.cal + factor(sex), binomial, lung, na.action = na.exclude)
  expect_agrees_with_glm(status == 2 ~ bili + albumin + sex + stage + trt, binomial, pbc)
  expect_agrees_with_glm(bili ~ albumin * sex + ascites, Gamma("log"), pbc, na.action = na.exclude, offset = log(protime))
  expect_agrees_with_glm(status ~ rx + sex + age + nodes + differ + extent, binomial, colon)
  expect_agrees_with_glm(status ~ rx * obstruct + node4, binomial("cloglog"), colon, subset = age < 70)
  expect_agrees_with_glm(r ~ gravity + ph + cond, binomial, urine)
  expect_agrees_with_glm(Sex ~ Pulse + Smoke + Exer, binomial, survey, na.action = na.exclude)
  expect_agrees_with_glm(Pulse ~ Height + Exer + W.Hnd, gaussian, survey)
  expect_agrees_with_glm(ulcer ~ thickness + sex + log(age), binomial, melanoma, subset = status != 3)
})

test_that("unused levels, empty cells and aliased columns agree", {
  expect_agrees_with_glm(weight ~ feed, gaussian, chickwts, subset = feed != "casein")
  expect_agrees_with_glm(weight ~ feed - 1, gaussian, chickwts, subset = feed %in% c("linseed", "soybean"))
  expect_agrees_with_glm(Days ~ Age * Lrn, poisson, quine)
  expect_agrees_with_glm(Days ~ Eth * Sex * Age * Lrn, poisson, quine)
  expect_agrees_with_glm(Days ~ Age:Lrn, poisson, quine)
  expect_agrees_with_glm(Days ~ Age:Lrn - 1, poisson, quine)
  expect_agrees_with_glm(mpg ~ factor(cyl) * factor(gear) * factor(am), gaussian, mtcars)
  expect_agrees_with_glm(mpg ~ factor(cyl) * factor(carb), Gamma("log"), mtcars)
  expect_agrees_with_glm(mpg ~ factor(cyl):factor(carb) + wt, Gamma("log"), mtcars)
  expect_agrees_with_glm(mpg ~ wt + I(2 * wt) + hp, gaussian, mtcars)
  expect_agrees_with_glm(mpg ~ wt + hp + I(wt - hp) + qsec, gaussian, mtcars)
  expect_agrees_with_glm(am ~ qsec + I(qsec + 1), binomial, mtcars)
  expect_agrees_with_glm(breaks ~ wool + tension + I(wool == "A") + I(as.numeric(tension)), poisson, warpbreaks)
  expect_agrees_with_glm(yield ~ block + N * P * K, gaussian, npk)
  expect_agrees_with_glm(yield ~ N * P * K + block, Gamma("log"), npk)
  expect_agrees_with_glm(cbind(numdead, 20 - numdead) ~ factor(ldose) + ldose + sex, binomial, budworm)
  expect_agrees_with_glm(breaks ~ wool + tension + offset(log(breaks + 1)), poisson, transform(warpbreaks, zero = 0))
  expect_agrees_with_glm(breaks ~ zero + wool, poisson, transform(warpbreaks, zero = 0))
  expect_agrees_with_glm(low ~ race + factor(as.integer(race)), binomial, birthwt)
  expect_agrees_with_glm(low ~ race + dark - 1, binomial, transform(birthwt, dark = race == "black"))
  expect_agrees_with_glm(mpg ~ wt + hp + qsec + factor(cyl) * wt, gaussian, mtcars[1:9, ])
  expect_agrees_with_glm(mpg ~ factor(cyl), gaussian, mtcars, weights = as.numeric(cyl != 8))
  expect_agrees_with_glm(incidents ~ type + factor(year) * factor(period) + offset(log(service)), poisson, ships, subset = service > 0)
})

# ---- Where the variables are ----

test_that("variables are found wherever glm() finds them", {
  y <- mtcars$vs
  x <- mtcars$drat
  group <- mtcars$gear
  exposure <- mtcars$wt
  expect_agrees_with_glm(y ~ x, binomial)
  expect_agrees_with_glm(y ~ x + exposure, binomial("probit"), subset = x < 4.5)
  expect_agrees_with_glm(y ~ x, binomial, weights = group)
  expect_agrees_with_glm(mpg ~ wt, gaussian, as.list(mtcars))
  expect_agrees_with_glm(mpg ~ wt, gaussian, list2env(mtcars))
  expect_agrees_with_glm(mpg ~ wt + x, gaussian, mtcars)
  expect_agrees_with_glm(carb ~ x, poisson, mtcars, offset = log(exposure))
  expect_agrees_with_glm(mtcars$mpg ~ mtcars$wt + mtcars[["hp"]], gaussian)
  expect_agrees_with_glm(mtcars[, 1] ~ mtcars[, 6], gaussian)
  expect_agrees_with_glm("am ~ qsec", binomial, mtcars)
  formula <- mpg ~ wt
  expect_agrees_with_glm(formula, "gaussian", mtcars)
  expect_agrees_with_glm(formula, Gamma(link = "log"), mtcars)
  expect_agrees_with_glm(mpg ~ `miles to go`, gaussian, setNames(mtcars, sub("wt", "miles to go", names(mtcars))))
  expect_agrees_with_glm(`the outcome` ~ hp * `a b`, gaussian, cbind(mtcars, `the outcome` = mtcars$mpg, `a b` = factor(mtcars$am)))
})

test_that("rows keep their names", {
  expect_agrees_with_glm(Assault ~ UrbanPop + Murder, poisson, USArrests)
  expect_agrees_with_glm(Murder ~ ., Gamma("log"), as.data.frame(state.x77))
  expect_agrees_with_glm(sr ~ pop15 + pop75, gaussian, LifeCycleSavings[50:1, ])
  expect_agrees_with_glm(Fertility ~ Catholic, gaussian, swiss[seq(1, 47, 2), ], na.action = na.exclude)
  expect_agrees_with_glm(area ~ peri + shape, Gamma("log"), rock)
})

test_that("a response on the right-hand side is dropped", {
  expect_agrees_with_glm(mpg ~ wt + mpg, gaussian, mtcars)
})

test_that("start, etastart and mustart agree", {
  expect_agrees_with_glm(low ~ lwt, binomial, birthwt, start = c(1, -0.01))
  expect_agrees_with_glm(low ~ lwt, binomial("probit"), birthwt, etastart = (low - 0.5) / 2)
  expect_agrees_with_glm(breaks ~ wool + tension, poisson("identity"), warpbreaks, mustart = rep(28, 54))
  expect_agrees_with_glm(mpg ~ wt, Gamma("identity"), mtcars, start = c(37, -5))
  expect_agrees_with_glm(mpg ~ hp + wt, quasi(link = "inverse", variance = "mu^2"), mtcars, start = c(0.03, 0, 0))
  expect_agrees_with_glm(mpg ~ hp, gaussian("log"), mtcars, start = c(3, 0))
  expect_agrees_with_glm(mpg ~ hp, gaussian("inverse"), mtcars, mustart = mpg)
})

test_that("at least 150 fits were compared", {
  summary <- agreement_summary()
  expect_gte(nrow(summary), 150)
  message("\n", describe_agreement(summary))
})
