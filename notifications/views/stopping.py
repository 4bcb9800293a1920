from django.http import HttpResponse
def stop(request, token): return HttpResponse("")
